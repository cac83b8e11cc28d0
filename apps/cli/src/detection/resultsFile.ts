import { createReadStream, existsSync } from 'node:fs';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { naming } from '../errors';
import type { PictureRecord, ResultRecord } from './record';

/** Results on disk, a line a picture: grows while the run goes, and what is in it survives the run. */
export interface ResultsFile {
  append(record: ResultRecord): Promise<void>;
  close(): Promise<void>;
}

/** Opens a file of results to write behind what is in it. */
export async function openResults(path: string): Promise<ResultsFile> {
  const file = await naming(path, open(path, 'a'));
  let { size } = await file.stat();
  return {
    append: async (record) => {
      const line = Buffer.from(`${JSON.stringify(record)}\n`);
      await naming(path, writeWhole(file, line, size));
      size += line.length;
    },
    close: () => file.close(),
  };
}

/** On a full disk some of a line may be written: what isn't whole is taken back. */
async function writeWhole(file: FileHandle, line: Uint8Array, size: number): Promise<void> {
  try {
    await file.appendFile(line);
  } catch (error) {
    await file.truncate(size).catch(() => {});
    throw error;
  }
}

/** Every whole line of a file of results. */
export async function* readResults(path: string): AsyncGenerator<ResultRecord> {
  const lines = createInterface({ input: createReadStream(path, 'utf8'), crlfDelay: Infinity });
  for await (const line of lines) {
    const record = parsed(line);
    if (record !== undefined) yield record;
  }
}

/** Undefined for a line that a killed run left half written. */
function parsed(line: string): ResultRecord | undefined {
  try {
    return JSON.parse(line) as ResultRecord;
  } catch {
    return undefined;
  }
}

/** Every picture of a file of results that something can be said about. */
async function* readPictures(path: string): AsyncGenerator<PictureRecord> {
  for await (const record of readResults(path)) if (!('error' in record)) yield record;
}

/** What a run before this one has dealt with. */
export interface Progressed {
  /** Whether all pictures of a source are done. */
  source(source: string): boolean;
  /** Whether this one is. */
  picture(picture: { source: string; frame?: number }): boolean;
  pictures: number;
  /** Names that are taken. */
  ids: string[];
}

/**
 * Makes a file of results ready to go on with: pictures that failed are taken out, to be tried again, and so is what was
 * left half written.
 */
export async function resumeResults(path: string): Promise<Progressed> {
  const done = new Done();
  if (existsSync(path)) await keepPictures(path, (record) => done.add(record));
  return done;
}

/** Writes the file anew with its pictures only, each of which is told. */
async function keepPictures(path: string, tell: (record: PictureRecord) => void): Promise<void> {
  const part = `${path}.tmp`;
  await rm(part, { force: true }); // of a run that was killed here
  const kept = await openResults(part);
  try {
    for await (const record of readPictures(path)) {
      await kept.append(record);
      tell(record);
    }
    await kept.close();
    await naming(path, rename(part, path));
  } catch (error) {
    await kept.close().catch(() => {});
    await rm(part, { force: true });
    throw error;
  }
}

class Done implements Progressed {
  pictures = 0;
  readonly ids: string[] = [];
  private readonly whole = new Set<string>();
  private readonly frames = new Map<string, Set<number>>();

  add({ id, image, frame, frames: count }: PictureRecord): void {
    this.pictures++;
    if (id !== undefined) this.ids.push(id);
    if (frame === undefined) {
      this.whole.add(image);
      return;
    }
    const done = this.frames.get(image) ?? new Set();
    this.frames.set(image, done.add(frame));
    if (done.size === count) this.whole.add(image);
  }

  source(source: string): boolean {
    return this.whole.has(source);
  }

  picture({ source, frame }: { source: string; frame?: number }): boolean {
    return frame === undefined ? this.whole.has(source) : (this.frames.get(source)?.has(frame) ?? false);
  }
}
