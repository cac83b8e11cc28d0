import type { Detector, DetectorFiles, DetectorManifest } from '@roikit/detectors';
import type { RunInfo, Storage } from '@roikit/jobs';
import { MODEL } from '@roikit/jobs/node';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../errors';

/** What a detector is made of. */
const FILES = ['detector.json', 'weights.safetensors'] as const;

type ModelFile = (typeof FILES)[number];

/** The run's own copy of its detector, for messages. */
export const modelLocation = ({ location }: Storage): string => `${location}/${MODEL}`;

export const readModelFile =
  (folder: string) =>
  (name: ModelFile): Promise<Uint8Array> =>
    readFile(join(folder, name));

/** Of a detector's files: the same detector has the same, wherever it lies. */
export async function modelHash(read: (name: ModelFile) => Promise<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  for (const name of FILES) hash.update(`${name}\n`).update(await read(name));
  return hash.digest('hex');
}

/** Puts a copy of a detector into a run: every machine then has the same, and nobody changes it under way. */
export async function copyModel(folder: string, storage: Storage): Promise<void> {
  for (const name of FILES) await storage.write(`${MODEL}/${name}`, await readModelFile(folder)(name));
}

/** The copy's files; UserError where one is gone. */
export async function readModel(storage: Storage): Promise<DetectorFiles> {
  const read = readCopy(storage);
  return { 'detector.json': await read(FILES[0]), 'weights.safetensors': await read(FILES[1]) };
}

export async function readModelConfig(storage: Storage): Promise<Detector['config']> {
  const text = Buffer.from(await readCopy(storage)('detector.json')).toString();
  return (JSON.parse(text) as DetectorManifest).config;
}

/** UserError where the copy in a run is gone, or is no longer the detector that the run was started with. */
export async function checkModel(storage: Storage, { settings }: RunInfo): Promise<void> {
  if ((await modelHash(readCopy(storage))) === settings['model']) return;
  const cure = 'put that one back, or start a run on another folder';
  throw new UserError(`${modelLocation(storage)}: not the detector that the run was started with; ${cure}`);
}

function readCopy(storage: Storage): (name: ModelFile) => Promise<Uint8Array> {
  return async (name) => {
    const data = await storage.read(`${MODEL}/${name}`);
    if (data !== undefined) return new Uint8Array(data); // from a buffer's middle, weights would not be aligned
    const cure = 'copy the detector there again (detector.json, weights.safetensors)';
    throw new UserError(`${modelLocation(storage)}: the run's detector is missing there; ${cure}`);
  };
}
