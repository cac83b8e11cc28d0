import { partName, partPath } from '../run/names';
import { parseJson } from '../run/parseJson';
import { shardJob } from '../run/runFile';
import type { RunInfo, Storage } from '../types';

/** A picture's line of a part. */
export interface DetectedRecord {
  width: number;
  height: number;
  detections: { class: string; label: number; score: number; box: [number, number, number, number] }[];
}

/** A line of a part. */
export type PartRecord = { picture: number; image: string; frame?: number } & (
  DetectedRecord | { error: string }
);

/**
 * The records of one shard.
 *
 * @throws Error that names the part where it is missing, damaged, or lacks a picture or has one twice
 */
export async function readRecords(storage: Storage, run: RunInfo, shard: number): Promise<PartRecord[]> {
  return parsePart(await readPart(storage, shard), { storage, run, shard });
}

export async function readPart(storage: Storage, shard: number): Promise<Uint8Array> {
  const data = await storage.read(partName(shard));
  if (data !== undefined) return data;
  throw new Error(`${partPath(storage, shard)}: this part is missing; ${AGAIN}`);
}

const AGAIN = "delete it where it is there, and go on with 'roikit jobs start' and 'roikit jobs work'";

export function parsePart(
  data: Uint8Array,
  { storage, run, shard }: { storage: Storage; run: RunInfo; shard: number },
): PartRecord[] {
  const damaged = (what: string): Error =>
    new Error(`${partPath(storage, shard)}: the part is damaged (${what}); ${AGAIN}`);
  const { offset, count } = shardJob(run, shard);
  const text = Buffer.from(data).toString();
  if (!text.endsWith('\n')) throw damaged('its last line is not whole');
  let next = offset;
  const records = text
    .slice(0, -1)
    .split('\n')
    .map((line, i) => {
      const record = parseJson<PartRecord>(line);
      if (record === undefined) throw damaged(`line ${i + 1} is not JSON`);
      // Frames of one picture follow each other.
      if (record.picture !== next && !(record.picture === next - 1 && (record.frame ?? 0) > 0))
        throw damaged(`line ${i + 1} is of picture ${record.picture}, not ${next}`);
      next = record.picture + 1;
      return record;
    });
  if (next !== offset + count) throw damaged(`it has ${next - offset} pictures of ${count}`);
  return records;
}
