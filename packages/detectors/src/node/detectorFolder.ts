import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packDetector, unpackDetector, type DetectorFiles, type PackOptions } from '../files/detectorFiles';
import type { GeneralizedRCNN } from '../generalizedRCNN';
import { atomicWrite } from '@roikit/training/node';

/** Writes a detector's folder: detector.json and weights.safetensors. */
export async function saveDetector(
  detector: GeneralizedRCNN,
  folder: string,
  options: PackOptions = {},
): Promise<void> {
  const files = await packDetector(detector, options);
  // Weights first: a folder with a manifest is complete.
  await atomicWrite(join(folder, 'weights.safetensors'), files['weights.safetensors']);
  await atomicWrite(join(folder, 'detector.json'), files['detector.json']);
}

/**
 * Loads a detector from the folder `saveDetector` wrote.
 *
 * @throws Error that names the folder, and what in its files is missing, unknown, of another shape or not finite
 */
export async function loadDetector(folder: string): Promise<GeneralizedRCNN> {
  const read = async (name: keyof DetectorFiles) => {
    const bytes = await readFile(join(folder, name)).catch((cause: unknown) => {
      const cure = "give a detector's folder, for example OUT/detector of a training run";
      throw new Error(`loadDetector: ${folder} has no readable ${name}; ${cure}`, { cause });
    });
    return new Uint8Array(bytes);
  };
  const files: DetectorFiles = {
    'detector.json': await read('detector.json'),
    'weights.safetensors': await read('weights.safetensors'),
  };
  return unpackDetector(files).catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message.replace(/^loadDetector: /, '') : String(cause);
    throw new RangeError(`loadDetector: ${folder}: ${why}`, { cause });
  });
}
