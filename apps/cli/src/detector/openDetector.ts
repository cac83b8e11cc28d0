import type { Detector, DetectorManifest, GeneralizedRCNN } from '@roikit/detectors';
import { detectorPool, loadDetector } from '@roikit/detectors/node';
import type { EngineInfo } from '@roikit/engine';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorLine, UsageError, UserError } from '../errors';

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
    const why = errorLine(cause).replace(`${folder}: `, '');
    if (why.includes(folder)) throw cause;
    throw new UserError(`${folder}: the detector can't be loaded (${why}); copy or train it again`, {
      cause,
    });
  }
}
