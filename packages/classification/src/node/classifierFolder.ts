import { atomicWrite } from '@roikit/training/node';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  packClassifier,
  unpackClassifier,
  type ClassifierFiles,
  type TrainedClassifier,
} from '../classifierFiles';

/**
 * Writes a classifier's folder, classifier.json and weights.safetensors, which `openClassifier` and
 * `roikit classify --model` take. See `packClassifier`.
 */
export async function saveClassifier(
  folder: string,
  classifier: TrainedClassifier,
  provenance: Record<string, unknown> = {},
): Promise<void> {
  const files = await packClassifier(classifier, provenance);
  // Weights first: a folder with a description is complete.
  await atomicWrite(join(folder, 'weights.safetensors'), files['weights.safetensors']);
  await atomicWrite(join(folder, 'classifier.json'), files['classifier.json']);
}

/**
 * Opens the folder that `saveClassifier` wrote.
 *
 * @throws Error that names the folder and says what is missing or wrong.
 */
export async function openClassifier(folder: string): Promise<TrainedClassifier> {
  const read = async (name: keyof ClassifierFiles) => new Uint8Array(await readFile(join(folder, name)));
  try {
    return await unpackClassifier({
      'classifier.json': await read('classifier.json'),
      'weights.safetensors': await read('weights.safetensors'),
    });
  } catch (cause) {
    const { message } = cause as Error;
    throw new Error(`openClassifier: ${folder} can't be loaded (${message}); copy or train it again`, {
      cause,
    });
  }
}
