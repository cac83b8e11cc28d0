import { SampleError, type Dataset, type Sample } from '@roikit/datasets';
import { createReadStream } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { PictureRecord, ResultRecord } from './record';

/** A line of the file of results. */
interface Entry {
  id: string;
  /** The picture. */
  file: string;
  start: number;
  length: number;
}

/** Results as a data set, to be corrected and trained on. Only names and places are in memory. */
export interface ResultsDataset extends Dataset {
  imageFile(index: number): string;
  close(): Promise<void>;
}

/** Opens a file of results; pictures that failed are left out. */
export async function resultsDataset(
  path: string,
  { name, classes }: { name: string; classes: readonly string[] },
): Promise<ResultsDataset> {
  const entries = await indexLines(path);
  const file = await open(path);
  return {
    name,
    classes,
    length: entries.length,
    id: (index) => entries[index]!.id,
    imageFile: (index) => entries[index]!.file,
    get: (index) => readSample(file, entries[index]!),
    close: () => file.close(),
  };
}

async function indexLines(path: string): Promise<Entry[]> {
  const entries: Entry[] = [];
  let start = 0;
  let pieces: Buffer[] = [];
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      const line = Buffer.concat([...pieces, chunk.subarray(from, end)]);
      const entry = entryOf(line, start);
      if (entry) entries.push(entry);
      start += line.length + 1;
      pieces = [];
      from = end + 1;
    }
    pieces.push(chunk.subarray(from));
  }
  return entries;
}

function entryOf(line: Buffer, start: number): Entry | undefined {
  const record = JSON.parse(line.toString()) as ResultRecord;
  if ('error' in record || record.id === undefined) return undefined;
  return { id: record.id, file: resolve(record.kept ?? record.image), start, length: line.length };
}

/** The picture itself is not decoded: it is copied, and its size stands in the record. */
async function readSample(file: FileHandle, { id, start, length }: Entry): Promise<Sample> {
  const line = Buffer.alloc(length);
  await file.read(line, 0, length, start);
  const { width, height, detections, image } = JSON.parse(line.toString()) as PictureRecord;
  if (!(width > 0 && height > 0))
    throw new SampleError(image, { what: 'its record has no size', cure: 'detect it again' });
  return {
    id,
    image: { data: new Uint8Array(), width, height },
    truth: {
      boxes: Float32Array.from(detections.flatMap(({ box }) => box)),
      labels: Int32Array.from(detections, ({ label }) => label),
    },
  };
}
