import { enqueueMissing, openQueue, openStorage, readRun, retryFailed } from '@roikit/jobs/node';
import { count } from '../../format';
import { note, print } from '../../terminal/print';

export interface RetryFlags {
  out: string;
  queue: string;
  /** Also shards with a picture that could not be dealt with. */
  pictures?: boolean;
}

export async function retryJobs({ out, queue: address, pictures }: RetryFlags): Promise<void> {
  const storage = await openStorage(out);
  const run = await readRun(storage);
  const queue = await openQueue(address, run);
  try {
    const again = await retryFailed(storage, run, { pictures });
    await enqueueMissing(storage, run, queue);
    print(`${count(again, 'shard')} to be done again`);
    if (again > 0) note(`next: npx roikit jobs work --out ${out}${address === 'local' ? '' : ' --queue …'}`);
  } finally {
    await queue.close();
  }
}
