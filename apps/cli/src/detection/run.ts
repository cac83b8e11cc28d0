import type { Detector } from '@roikit/detectors';
import { Interrupted } from '../errors';
import { refuseUnread } from '../pictures/refuseUnread';
import { note, print, warn } from '../terminal/print';
import { Progress } from '../terminal/progress';
import { detectSources } from './detectSources';
import { DetectDisplay } from './display';
import { toErrorRecord, toRecord } from './record';
import { openResults, type Progressed } from './resultsFile';
import { pictureSaver } from './savePicture';
import { resultsPath, writeSettings, type DetectSettings } from './settings';
import { writeResultsAs } from './writeResultsAs';

/** A run of `detect` that is set up. */
export interface Run {
  settings: DetectSettings & { score: number };
  sources: string[];
  /** Nothing is written where it is absent. */
  out?: string;
  before?: Progressed;
  labels?: ReadonlySet<number>;
  detector: Detector;
  json: boolean;
}

/** Detects, shows and keeps, and says where everything is. UserError at the end where a picture could not be dealt with. */
export async function runDetection(run: Run, signal: AbortSignal): Promise<void> {
  const { out, sources, settings, detector, json } = run;
  const { classes } = detector.config;
  const display = new DetectDisplay({ sources, classes, score: settings.score, json });
  try {
    await detectAndKeep(run, { display, signal });
  } finally {
    display.stop();
  }
  display.printSummary();
  if (signal.aborted) {
    if (out !== undefined) note(`Stopped. Go on with: npx roikit detect --resume --out ${out}`);
    throw new Interrupted();
  }
  if (out !== undefined) await finish(run, { out, signal });
  refuseUnread('detect', { unread: display.failed, all: display.failed + display.pictures });
}

/** Every picture: what was found is on disk before it is shown. */
async function detectAndKeep(
  { settings, sources, out, before, labels, detector }: Run,
  { display, signal }: { display: DetectDisplay; signal: AbortSignal },
): Promise<void> {
  const { score, max, iou, maxPixels, save, crops, format } = settings;
  const { classes } = detector.config;
  const saver =
    out === undefined
      ? undefined
      : pictureSaver({
          folder: out,
          classes,
          save,
          crops,
          keep: format !== undefined && format !== 'jsonl',
          ids: before?.ids ?? [],
        });
  if (out !== undefined) await writeSettings(out, settings);
  const results = out === undefined ? undefined : await openResults(resultsPath(out));
  const limits = { scoreThreshold: score, maxDetections: max, nmsThreshold: iou, labels, maxPixels };
  try {
    for await (const found of detectSources(sources, detector, {
      ...limits,
      signal,
      skip: (picture) => before?.picture(picture) ?? false,
    })) {
      const record =
        'error' in found ? toErrorRecord(found) : { ...toRecord(found, classes), ...(await saver?.(found)) };
      await results?.append(record);
      display.show(record);
    }
  } finally {
    await results?.close();
  }
}

/** The data set, and where everything is. */
async function finish(
  { settings: { format, save, crops }, detector, json }: Run,
  { out, signal }: { out: string; signal: AbortSignal },
): Promise<void> {
  const lines = [
    ...(save === 'none' ? [] : [`pictures: ${out}`]),
    ...(crops ? [`crops:    ${out}/crops`] : []),
  ];
  lines.push(`results:  ${resultsPath(out)}`);
  if (format !== undefined && format !== 'jsonl') {
    const path = await writeAnnotations(format, { out, signal, classes: detector.config.classes });
    lines.push(`${format}:`.padEnd(10) + path, `next:     correct it, then npx roikit train --data ${path}`);
  }
  if (!json) print(`\n${lines.join('\n')}`);
}

async function writeAnnotations(
  format: 'coco' | 'voc' | 'yolo',
  { out, signal, classes }: { out: string; signal: AbortSignal; classes: readonly string[] },
): Promise<string> {
  let progress: Progress | undefined;
  const onProgress = (done: number, total: number): void =>
    (progress ??= new Progress({ title: `writing ${format}`, total })).update(done);
  try {
    const results = resultsPath(out);
    const { path, report } = await writeResultsAs({
      results,
      folder: out,
      format,
      classes,
      signal,
      onProgress,
    });
    progress?.stop();
    for (const { message } of report.problems) warn(message);
    return path;
  } catch (error) {
    if (signal.aborted) throw new Interrupted();
    throw error;
  } finally {
    progress?.stop();
  }
}
