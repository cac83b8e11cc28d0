import { readRecords } from '../collect/readRecords';
import type { RunInfo, Storage } from '../types';
import { forgive } from '../work/attempts';
import { partName } from './names';
import { readState } from './runFile';

/**
 * Makes what failed something to be done again: shards that were set aside; with `pictures` also those with a picture
 * that could not be dealt with. Enqueue what is missing afterwards. Returns how many.
 */
export async function retryFailed(
  storage: Storage,
  run: RunInfo,
  { pictures = false }: { pictures?: boolean } = {},
): Promise<number> {
  const { failed, done } = await readState(storage, run);
  for (const shard of failed) await forgive(storage, shard);
  if (!pictures) return failed.size;
  let parts = 0;
  for (const shard of [...done].sort((a, b) => a - b)) {
    const records = await readRecords(storage, run, shard);
    if (!records.some((record) => 'error' in record)) continue;
    await storage.remove(partName(shard));
    parts++;
  }
  return failed.size + parts;
}
