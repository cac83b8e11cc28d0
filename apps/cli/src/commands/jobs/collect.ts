import type { RunInfo } from '@roikit/jobs';
import { collect, openStorage, readRun, type CollectOptions, type CollectReport } from '@roikit/jobs/node';
import { Interrupted } from '../../errors';
import { count } from '../../format';
import { measureRun, type Measured } from '../../jobs/measureRun';
import { cocoTable, printClasses } from '../../report/printReport';
import { interruptible } from '../../terminal/interrupt';
import { print, warn } from '../../terminal/print';
import { Progress } from '../../terminal/progress';

export interface CollectFlags {
  out: string;
  format: CollectOptions['format'];
  truths?: string;
  split?: string;
  partial?: boolean;
  json?: boolean;
}

export async function collectRun(flags: CollectFlags): Promise<void> {
  const { out, format, truths, split, partial } = flags;
  const storage = await openStorage(out);
  const run = await readRun(storage);
  const measured = truths === undefined ? undefined : await measureRun(truths, { split, run, storage });
  if (measured) warnOfScore(run);
  const name = `results.${format === 'coco' ? 'json' : format}`;
  const progress = new Progress({ title: 'collecting', total: run.shards });
  const report = await interruptible((signal) =>
    collect({
      storage,
      run,
      format,
      name,
      partial,
      ids: measured?.ids,
      onRecord: measured?.add,
      onProgress: (done) => progress.update(done),
      signal,
    }).catch((error: unknown) => {
      throw signal.aborted ? new Interrupted() : error;
    }),
  ).finally(() => progress.stop());
  show({ ...flags, file: `${out.replace(/[/\\]+$/, '')}/${name}` }, report, measured);
}

/** Where the reasons are. */
const REASONS = {
  jsonl: ': lines with "error"',
  parquet: ": column 'error'",
  coco: ' (--format jsonl says why)',
};

function show(
  { json, file, format }: CollectFlags & { file: string },
  report: CollectReport,
  measured?: Measured,
): void {
  const metrics = measured?.report();
  if (json) return print(JSON.stringify({ file, ...report, metrics }, null, 2));
  if (metrics) {
    printClasses(metrics);
    print();
    print(cocoTable(metrics));
    print();
  }
  print(`${count(report.pictures, 'picture')}, ${count(report.detections, 'object')}: ${file}`);
  if (report.missing > 0) warn(`${count(report.missing, 'shard')} left out`);
  if (report.failed > 0) warn(`${count(report.failed, 'picture')} could not be read${REASONS[format]}`);
  if (metrics && metrics.unmatched > 0)
    warn(`${count(metrics.unmatched, 'picture')} not annotated there, and not measured`);
}

/** From here on average precision changes little (docs/defaults.md). */
const LOW_SCORE = 0.05;

function warnOfScore({ settings }: RunInfo): void {
  const score = settings['score'] as number | undefined;
  if (score === undefined || score > LOW_SCORE)
    warn(`the run left out detections of low scores; average precision needs them (--score 0.001)`);
}
