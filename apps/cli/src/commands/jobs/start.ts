import {
  enqueueMissing,
  isObjectStorage,
  openQueue,
  openStorage,
  prepareQueue,
  startRun,
} from '@roikit/jobs/node';
import { makeFolder } from '@roikit/training/node';
import { labelsNamed } from '../../detection/labels';
import { findDetector } from '../../detector/findDetector';
import { openDetector } from '../../detector/openDetector';
import { startEngine } from '../../engine/startEngine';
import { UsageError } from '../../errors';
import { count } from '../../format';
import { manifestEntries, rootOf, type Sources } from '../../jobs/entries';
import { copyModel, modelHash, readModelFile } from '../../jobs/model';
import type { JobSettings } from '../../jobs/settings';
import { note, print, warn } from '../../terminal/print';
import { workOn } from './work';

export interface StartFlags extends Omit<JobSettings, 'model'> {
  model: string;
  out: string;
  queue: string;
  list?: string;
  shardSize: number;
  engine: string;
  slots?: number;
}

/** What is wrong with it would end every worker, in a folder that is then this run's. */
async function checkDetector(folder: string, classes?: readonly string[]): Promise<void> {
  await startEngine('cpu'); // there is one everywhere, and it only has to load
  const detector = await openDetector(folder);
  detector.dispose();
  if (classes) labelsNamed(classes, detector.config.classes);
}

export async function startJobs(patterns: string[], flags: StartFlags): Promise<void> {
  const { out, queue: address, list, shardSize, engine, slots, score, max, iou, classes, maxPixels } = flags;
  const sources: Sources = { patterns, list };
  if (patterns.length === 0 && list === undefined)
    throw new UsageError('jobs start: which pictures? Give paths, folders, addresses, or --list <file>');
  const folder = findDetector(flags.model);
  await checkDetector(folder, classes);
  await prepareQueue(address);
  if (!isObjectStorage(out)) await makeFolder(out); // says it where none can be made
  const storage = await openStorage(out);
  const root = await rootOf(sources);
  const settings = { model: await modelHash(readModelFile(folder)), score, max, iou, classes, maxPixels };
  const { run, resumed } = await startRun({
    storage,
    entries: manifestEntries(sources, root),
    root,
    shardSize,
    settings,
    prepare: () => copyModel(folder, storage),
  });
  note(
    `${out}: ${count(run.pictures, 'picture')} in ${count(run.shards, 'shard')}${resumed ? ', begun before' : ''}`,
  );
  if (address === 'local') return workOn({ out, run, storage, address, engine, slots });
  const queue = await openQueue(address, run);
  try {
    for (const warning of queue.warnings) warn(warning);
    const missing = await enqueueMissing(storage, run, queue);
    print(`${count(missing, 'shard')} to do, on ${queue.address}`);
    note(`next: npx roikit jobs work --out ${out} --queue …, on every machine`);
  } finally {
    await queue.close();
  }
}
