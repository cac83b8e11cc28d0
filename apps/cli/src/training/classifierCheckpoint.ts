import type { ClassifierCheckpoint } from '@roikit/classification';
import { writeSafetensors } from '@roikit/weights';
import { readStateDict } from '@roikit/weights/node';
import { existsSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { UserError } from '../errors';

/** The number of finished epochs lies among the tensors, so that the two can't part. */
const EPOCH = 'epoch';

/** Replaces the file as a whole: a run that is killed leaves the last state or this one. */
export async function writeCheckpoint(
  file: string,
  { epoch, stateDict }: ClassifierCheckpoint,
): Promise<void> {
  const all = new Map(stateDict).set(EPOCH, { dtype: 'int32', shape: [], data: Int32Array.of(epoch) });
  await writeFile(`${file}.part`, writeSafetensors(all));
  await rename(`${file}.part`, file);
}

/** Undefined where a run was stopped before its first epoch was done. */
export async function readCheckpoint(file: string): Promise<ClassifierCheckpoint | undefined> {
  if (!existsSync(file)) return undefined;
  const stateDict = await readStateDict(file);
  const epoch = stateDict.get(EPOCH);
  if (epoch === undefined) throw new UserError(`${file}: this is no checkpoint of train-classifier`);
  stateDict.delete(EPOCH);
  return { epoch: Number(epoch.data[0]), stateDict };
}
