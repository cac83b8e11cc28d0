import { partPath } from '../run/names';
import { readState } from '../run/runFile';
import type { RunInfo, Storage } from '../types';
import type { CocoIds } from './cocoLines';
import { encoderOf, type CollectFormat } from './encoders';
import { parsePart, readPart, type DetectedRecord, type PartRecord } from './readRecords';

export interface CollectOptions {
  storage: Storage;
  run: RunInfo;
  /**
   * `jsonl`: the parts' lines, one after the other; `coco`: pycocotools' results file; `parquet`: a row a line of the
   * JSONL, `detections` a list in it.
   */
  format: CollectFormat;
  /** Where it is written, in the run's storage; it appears when it is whole. */
  name: string;
  /** Numbers of pictures and categories in a COCO file. @default the picture's position from 1, and the label */
  ids?: CocoIds;
  /** Hears every record once, in the order of the manifest. */
  onRecord?: (record: PartRecord) => void;
  /** Hears how many shards are collected. */
  onProgress?: (done: number, total: number) => void;
  /** Leaves out shards that are set aside or missing. @default false */
  partial?: boolean;
  signal?: AbortSignal;
}

export interface CollectReport {
  pictures: number;
  /** Pictures that could not be dealt with. */
  failed: number;
  detections: number;
  /** Shards that were left out. */
  missing: number;
}

/**
 * All parts in one file, in the order of the manifest. Counts pictures in the parts themselves: each is there once, or
 * the part is refused. One part is in memory at a time.
 *
 * @throws Error that says how many shards are missing, or names the part that is damaged
 */
export async function collect(options: CollectOptions): Promise<CollectReport> {
  const { storage, run, partial = false } = options;
  const { done, failed, missing } = await readState(storage, run);
  if (done.size < run.shards && !partial) {
    const aside = failed.size > 0 ? `, ${failed.size} set aside: see 'roikit jobs status'` : '';
    const cure = "work on (roikit jobs work), or collect what is there with '--partial'";
    throw new Error(
      `${storage.location}: ${done.size} of ${run.shards} shards are done${aside || `, ${missing.length} to go`}; ${cure}`,
    );
  }
  const report: CollectReport = {
    pictures: 0,
    failed: 0,
    detections: 0,
    missing: run.shards - done.size,
  };
  await storage.write(
    options.name,
    lines(
      options,
      [...done].sort((a, b) => a - b),
      report,
    ),
  );
  return report;
}

async function* lines(
  { storage, run, format, ids, onRecord, onProgress, signal }: CollectOptions,
  shards: readonly number[],
  report: CollectReport,
): AsyncGenerator<Uint8Array | string> {
  const { start, of, end } = await encoderOf(format, ids);
  if (start) yield start;
  for (const [i, shard] of shards.entries()) {
    signal?.throwIfAborted();
    const data = await readPart(storage, shard);
    const records = parsePart(data, { storage, run, shard });
    for (const record of records) {
      if ((record.frame ?? 0) === 0) report.pictures++;
      if ('error' in record) report.failed++;
      else report.detections += detectionsOf(record, { storage, shard, format });
      onRecord?.(record);
    }
    yield of(records, data);
    onProgress?.(i + 1, shards.length);
  }
  if (end) yield end();
}

/** How many; other workers than ours may write other records. */
function detectionsOf(
  { picture, detections }: Partial<DetectedRecord> & { picture: number },
  { storage, shard, format }: { storage: Storage; shard: number; format: CollectFormat },
): number {
  if (Array.isArray(detections)) return detections.length;
  if (format === 'jsonl') return 0;
  const what = `picture ${picture} has no detections, and '${format}' is made of them`;
  throw new Error(`${partPath(storage, shard)}: ${what}; collect 'jsonl'`);
}
