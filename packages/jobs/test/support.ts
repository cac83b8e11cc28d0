import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { enqueueMissing, startRun } from '../src/run/startRun';
import { openStorage } from '../src/storage/openStorage';
import type { ManifestEntry, RunInfo, ShardQueue, Storage } from '../src/types';
import type { ChildOptions } from '../src/work/slot';
import { work, type WorkEvent, type WorkRunOptions } from '../src/work/work';
import type { TestInit } from './child';

export interface TestRun {
  /** Of the pictures. */
  root: string;
  /** Where the run lies. */
  folder: string;
  storage: Storage;
  run: RunInfo;
}

/** A run over "pictures" that say what a test's child does with them. */
export async function testRun(
  texts: readonly string[],
  { shardSize = 4, location }: { shardSize?: number; location?: string } = {},
): Promise<TestRun> {
  const root = mkdtempSync(join(tmpdir(), 'roikit-jobs-'));
  mkdirSync(join(root, 'pictures'));
  const entries = texts.map((text, i): ManifestEntry => {
    const image = `pictures/${String(i).padStart(4, '0')}.txt`;
    writeFileSync(join(root, image), text);
    return { image, size: text.length };
  });
  const folder = location ?? join(root, 'run');
  const storage = await openStorage(folder);
  const { run } = await startRun({ storage, entries, root, shardSize, settings: { model: 'test' } });
  return { root, folder, storage, run };
}

export function testChild(init: TestInit): ChildOptions {
  const execArgv = ['--import', 'tsx', '--conditions=@roikit/source'];
  return { file: new URL('./child.ts', import.meta.url), execArgv, init };
}

/** Works to the end, and returns what was told. */
export async function workOff(
  { folder, storage, run }: TestRun,
  queue: ShardQueue,
  options: Partial<WorkRunOptions> & { init?: Partial<TestInit> } = {},
): Promise<WorkEvent[]> {
  const { init, ...others } = options;
  await enqueueMissing(storage, run, queue);
  const events: WorkEvent[] = [];
  const child = testChild({ folder, ...init });
  for await (const event of work({ storage, run, queue, child, slots: 2, ...others })) events.push(event);
  return events;
}

export const textOf = (folder: string, name: string): string => readFileSync(join(folder, name), 'utf8');
