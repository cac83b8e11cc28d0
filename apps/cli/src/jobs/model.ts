import type { RunInfo, Storage } from '@roikit/jobs';
import { MODEL } from '@roikit/jobs/node';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../errors';

/** What a detector is made of. */
const FILES = ['detector.json', 'weights.safetensors'];

/** The run's own copy of its detector. */
export const modelFolder = (run: string): string => join(run, MODEL);

/** Of a detector's files: the same detector has the same, wherever it lies. */
export async function modelHash(folder: string): Promise<string> {
  const hash = createHash('sha256');
  for (const name of FILES) {
    hash.update(`${name}\n`);
    for await (const chunk of createReadStream(join(folder, name))) hash.update(chunk as Buffer);
  }
  return hash.digest('hex');
}

/** Puts a copy of a detector into a run: every machine then has the same, and nobody changes it under way. */
export async function copyModel(folder: string, storage: Storage): Promise<void> {
  for (const name of FILES) await storage.write(`${MODEL}/${name}`, createReadStream(join(folder, name)));
}

/** UserError where the copy in a run's folder is gone, or is no longer the detector that the run was started with. */
export async function checkModel(folder: string, { settings }: RunInfo): Promise<void> {
  const path = modelFolder(folder);
  const hash = await modelHash(path).catch((cause: unknown) => {
    const cure = 'copy the detector there again (detector.json, weights.safetensors)';
    throw new UserError(`${path}: the run's detector is missing there; ${cure}`, { cause });
  });
  if (hash === settings['model']) return;
  const cure = 'put that one back, or start a run on another folder';
  throw new UserError(`${path}: not the detector that the run was started with; ${cure}`);
}
