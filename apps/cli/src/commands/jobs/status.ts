import { openQueue, openStorage, readRun, readStatus, type RunStatus } from '@roikit/jobs/node';
import type { FailedShard, QueueCounts } from '@roikit/jobs';
import { errorLine } from '../../errors';
import { duration } from '../../format';
import { fields, note, print, warn } from '../../terminal/print';

export interface StatusFlags {
  out: string;
  queue: string;
  json?: boolean;
}

export async function showStatus({ out, queue: address, json }: StatusFlags): Promise<void> {
  const storage = await openStorage(out);
  const run = await readRun(storage);
  const status = await readStatus(storage, run);
  // A local queue lives and dies with its worker.
  const counts = address === 'local' ? undefined : await countsOf(address, run).catch(warnOf);
  if (json) return print(JSON.stringify({ ...status, queue: counts }, null, 2));
  const { pictures, shards, failed, eta } = status;
  const share = ((100 * pictures.done) / pictures.all).toFixed(1);
  print(
    fields([
      [
        'pictures',
        `${pictures.done.toLocaleString('en')} of ${pictures.all.toLocaleString('en')} (${share} %)`,
      ],
      ['shards', `${shards.done} done, ${shards.missing} to do, ${failed.length} set aside`],
      ...(shards.missing > 0 ? [['rate', rateOf(status)] as const] : []),
      ...(eta !== undefined && shards.missing > 0 ? [['left', duration(eta * 1000)] as const] : []),
      ...(counts ? [['queue', `${counts.waiting} waiting, ${counts.active} at work`] as const] : []),
    ]),
  );
  for (const shard of failed) print(`\n${reasons(shard)}`);
  if (failed.length > 0) note(`\nretry: npx roikit jobs retry --out ${out}`);
}

/** Two parts make a rate. */
function rateOf({ rate }: RunStatus): string {
  if (rate === undefined) return 'not known: fewer than two shards were done in the last ten minutes';
  return `${rate.toFixed(1)} pictures a second`;
}

async function countsOf(address: string, run: { manifest: string }): Promise<QueueCounts> {
  const queue = await openQueue(address, run);
  return queue.counts().finally(() => queue.close());
}

/** How far a run is lies on the disk; the queue is asked only for what is under way. */
function warnOf(error: unknown): undefined {
  warn(errorLine(error));
}

function reasons({ shard, offset, count: pictures, attempts }: FailedShard): string {
  const lines = attempts.map(({ at, host, reason = 'its worker vanished', image }) => {
    const where = image === undefined ? '' : ` at ${image}`;
    return `  ${at.slice(0, 19).replace('T', ' ')}  ${host}: ${reason}${where}`;
  });
  return [`shard ${shard} (pictures ${offset} to ${offset + pictures - 1}):`, ...lines].join('\n');
}
