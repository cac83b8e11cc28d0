import type { Detector, DetectorManifest, GeneralizedRCNN } from '@roikit/detectors';
import { detectorPool, loadDetector } from '@roikit/detectors/node';
import type { EngineInfo } from '@roikit/engine';
import { existsSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { errorLine, UsageError, UserError } from './errors';
import { isAddress } from './detection/readSource';
import { parseHubName } from './hub';
import { checkpointPath } from './training/settings';

/** Detectors that come with roikit, by the name that `--model` takes. */
const BUNDLED = ['digits', 'digits-faster-rcnn', 'digits-spp-net', 'digits-rcnn'] as const;

/**
 * The folder of the detector that the user named: a detector's folder, a training run's, or a bundled detector's name.
 * UserError where there is none.
 */
export function findDetector(name: string): string {
  // Of a training run the best detector by its validation, where it had one.
  const candidates = [name, join(name, 'detector-best'), join(name, 'detector')];
  if (isBundled(name)) candidates.push(bundledDetector(name));
  const found = candidates.find((folder) => existsSync(join(folder, 'detector.json')));
  if (found !== undefined) return found;
  if (existsSync(checkpointPath(name))) {
    throw new UserError(
      `${name}: this run was stopped before it saved a detector; go on with it: npx roikit train --resume --out ${name}`,
    );
  }
  if (isWeights(name)) {
    throw new UserError(
      `${name}: weights don't say what detector they are of; make a folder of them: ` +
        `npx roikit import ${name} --architecture <name> --out <folder> (detect takes --architecture too)`,
    );
  }
  throw new UserError(
    `${name}: no detector there (no detector.json); give the folder that 'roikit train' wrote, or ${BUNDLED.join(', ')}`,
  );
}

/** A file, or what is fetched as one. */
function isWeights(name: string): boolean {
  if (isAddress(name) || parseHubName(name)) return true;
  return statSync(name, { throwIfNoEntry: false })?.isFile() ?? false;
}

function isBundled(name: string): name is (typeof BUNDLED)[number] {
  return (BUNDLED as readonly string[]).includes(name);
}

/** Where the package of trained detectors keeps one. */
export function bundledDetector(name: (typeof BUNDLED)[number]): string {
  const manifest = fileURLToPath(import.meta.resolve('@roikit/pretrained/package.json'));
  return join(dirname(manifest), 'models', name);
}

/** The configuration of the detector in a folder. */
export async function readConfig(folder: string): Promise<Detector['config']> {
  const text = await readFile(join(folder, 'detector.json'), 'utf8');
  return orDamaged(
    folder,
    Promise.resolve(text).then((json) => (JSON.parse(json) as DetectorManifest).config),
  );
}

/** Loads the detector in a folder; UserError that names the folder where its files are damaged. */
export async function openDetector(folder: string): Promise<GeneralizedRCNN> {
  return orDamaged(folder, loadDetector(folder));
}

/** The detector in a folder, for `workers` pictures at a time; UsageError where the engine uses the cores by itself. */
export async function openDetectors(
  folder: string,
  { engine: { name }, workers }: { engine: EngineInfo; workers: number },
): Promise<Detector> {
  if (workers === 1) return openDetector(folder);
  if (name !== 'wasm' && name !== 'cpu') {
    throw new UsageError(
      `--workers: the engine ${name} spreads each picture over the machine already; leave --workers out, or add --engine wasm`,
    );
  }
  return orDamaged(folder, detectorPool({ folder, engine: name, workers }));
}

/** What `loading` gives; UserError that names the folder where the detector in it is damaged. */
export async function orDamaged<T>(folder: string, loading: Promise<T>): Promise<T> {
  try {
    return await loading;
  } catch (cause) {
    const why = errorLine(cause);
    if (why.includes(folder)) throw cause;
    throw new UserError(`${folder}: the detector can't be loaded (${why}); copy or train it again`, {
      cause,
    });
  }
}

/** `runs/x/detector` → `x`, any other folder → its own name. */
export function detectorName(folder: string): string {
  const name = basename(resolve(folder));
  return name.startsWith('detector') ? basename(dirname(resolve(folder))) : name;
}
