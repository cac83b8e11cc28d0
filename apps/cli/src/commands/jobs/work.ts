import type { RunInfo, Storage } from '@roikit/jobs';
import {
  enqueueMissing,
  isObjectStorage,
  openQueue,
  openStorage,
  readRun,
  readStatus,
  work,
  type WorkEvent,
} from '@roikit/jobs/node';
import { lockFolder } from '@roikit/training/node';
import { Interrupted } from '../../errors';
import { count } from '../../format';
import type { ChildInit } from '../../jobs/child';
import { checkModel } from '../../jobs/model';
import type { JobSettings } from '../../jobs/settings';
import { interruptible } from '../../terminal/interrupt';
import { note, print, warn } from '../../terminal/print';

export interface WorkFlags {
  out: string;
  queue: string;
  engine: string;
  slots?: number;
  root?: string;
  lock: number;
}

export async function workOnJobs({ out, queue: address, ...others }: WorkFlags): Promise<void> {
  const storage = await openStorage(out);
  const run = await readRun(storage);
  await checkModel(storage, run);
  return workOn({ out, storage, run, address, ...others });
}

interface WorkSetup extends Omit<WorkFlags, 'queue' | 'lock'> {
  lock?: number;
  address: string;
  storage: Storage;
  run: RunInfo;
}

/**
 * Works until all is done. With no queue between them, two processes would do the same: the folder is locked. (Object
 * storage has no locks; there the same is done twice.)
 */
export async function workOn(setup: WorkSetup): Promise<void> {
  const { out, storage, run, address, lock } = setup;
  const queue = await openQueue(address, run, lock === undefined ? {} : { lock: lock * 1000 });
  const held = address === 'local' && !isObjectStorage(out) ? await lockFolder(out) : undefined;
  try {
    for (const warning of queue.warnings) warn(warning);
    await enqueueMissing(storage, run, queue);
    await interruptible(async (signal) => {
      let last: WorkEvent | undefined;
      const tell = teller(queue.address);
      for await (const event of work({
        storage,
        run,
        queue,
        signal,
        slots: setup.slots,
        child: childOf(setup),
      })) {
        tell(event);
        last = event;
      }
      if (last?.type === 'end' && last.reason === 'stopped') throw new Interrupted();
    });
  } finally {
    await queue.close();
    await held?.release();
  }
  await sayEnd(storage, run, out);
}

function childOf({ out, root, engine, run }: WorkSetup) {
  // From source (tests, development) a process needs the loader that built code does not.
  const source = import.meta.url.endsWith('.ts');
  const init: ChildInit = { folder: out, root, engine, settings: run.settings as unknown as JobSettings };
  const file = new URL(source ? '../../jobs/child.ts' : './jobsChild.js', import.meta.url);
  const execArgv = source ? ['--import', 'tsx', '--conditions=@roikit/source'] : [];
  return { file, execArgv, init };
}

/** Says what happens; of a trouble each thing once until work goes on: a server that is away is tried every second. */
function teller(address: string): (event: WorkEvent) => void {
  const troubles = new Set<string>();
  return (event) => {
    if (event.type === 'done') troubles.clear();
    if (event.type !== 'trouble') return tell(event, address);
    if (!troubles.has(event.message)) warn(`${address}: ${event.message}; trying again`);
    troubles.add(event.message);
  };
}

function tell(event: Exclude<WorkEvent, { type: 'trouble' }>, address: string): void {
  if (event.type === 'ready') note(`${count(event.slots, 'slot')} on ${address}, ${event.detail}`);
  if (event.type === 'done') {
    const { shard, pictures, failed, milliseconds } = event;
    const bad = failed > 0 ? `, ${failed} of them can't be read` : '';
    const rate = (pictures / (milliseconds / 1000)).toFixed(1);
    note(`shard ${shard}: ${count(pictures, 'picture')}${bad}, ${rate} a second`);
  }
  const at = 'image' in event && event.image !== undefined ? ` at ${event.image}` : '';
  if (event.type === 'died') warn(`shard ${event.shard}: ${event.reason}${at}; it is tried again`);
  if (event.type === 'set aside') {
    const { shard, attempts } = event;
    warn(`shard ${shard}: set aside, as it was begun ${attempts.length} times and never ended`);
  }
  if (event.type === 'enqueued') note(`${count(event.shards, 'shard')} were in no queue, and are again`);
}

async function sayEnd(storage: Storage, run: RunInfo, out: string): Promise<void> {
  const { shards, failed } = await readStatus(storage, run);
  print(`${shards.done} of ${count(shards.all, 'shard')} done`);
  if (failed.length > 0)
    warn(`${count(failed.length, 'shard')} set aside: npx roikit jobs status --out ${out}`);
  else note(`next: npx roikit jobs collect --out ${out}`);
}
