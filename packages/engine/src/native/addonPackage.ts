import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { EngineError } from '../engineError';

/** The npm package that holds the addon's sources; the GPU one serves the CPU as well. */
const packageOf = { wheel: '@tensorflow/tfjs-node-gpu', stock: '@tensorflow/tfjs-node' } as const;

/** Folder of the package that gets the addon; throws when it is not installed. */
export function findAddonPackage(from: 'wheel' | 'stock'): string {
  const name = packageOf[from];
  try {
    return dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
  } catch (error) {
    const cure = `Run \`npm install --ignore-scripts ${name}@${tf.version_core}\` and try again.`;
    throw new EngineError('tensorflow', { reason: `${name} is not installed`, cure }, { cause: error });
  }
}

/** Path of a file of a package that the addon's package depends on. */
export function resolveFrom(packageFolder: string, file: string): string {
  return createRequire(`${packageFolder}/package.json`).resolve(file);
}
