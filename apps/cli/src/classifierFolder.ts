import { loadWeights, stateDictOf, type PreprocessOptions, type WeightSource } from '@roikit/backbones';
import { writeSafetensors } from '@roikit/weights';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { errorLine, UserError } from './errors';
import { buildNetwork, networkName } from './networks';
import { readWeights } from './networkWeights';

const DESCRIPTION = 'classifier.json';
const WEIGHTS = 'weights.safetensors';

const triple = z.tuple([z.number(), z.number(), z.number()]);
const preprocessing = z.object({
  resize: z.number(),
  crop: z.number(),
  interpolation: z.enum(['bilinear', 'bicubic']),
  mean: triple,
  std: triple,
}) satisfies z.ZodType<PreprocessOptions>;
const description = z.object({
  network: z.string(),
  source: z.enum(['torchvision', 'timm', 'keras']),
  classes: z.array(z.string()).min(2),
  preprocessing,
});

/** A network with what its outputs and inputs mean. */
export interface OpenClassifier {
  model: LayersModel;
  network: string;
  /** Whose network it is: see `buildNetwork`. */
  source: WeightSource;
  /** Names of the outputs; ImageNet's where absent. */
  classes?: readonly string[];
  preprocessing: PreprocessOptions;
}

/** The folder of the classifier that the user named by it, or by its training run's; undefined where there is none. */
export function findClassifier(name: string): string | undefined {
  return [name, join(name, 'classifier')].find((folder) => existsSync(join(folder, DESCRIPTION)));
}

/** Loads what `saveClassifier` wrote; UserError that names the folder where a file is damaged. */
export async function openClassifier(folder: string): Promise<OpenClassifier> {
  const file = join(folder, DESCRIPTION);
  try {
    const { network, ...about } = description.parse(JSON.parse(await readFile(file, 'utf8')));
    const {
      source,
      classes,
      preprocessing: { crop },
    } = about;
    const inputShape: [number, number, number] = [crop, crop, 3];
    const model = buildNetwork(networkName(network), { source, inputShape, numClasses: classes.length });
    loadWeights(model, await readWeights(join(folder, WEIGHTS)));
    return { model, network, ...about };
  } catch (cause) {
    const why = cause instanceof z.ZodError ? z.prettifyError(cause) : errorLine(cause);
    throw new UserError(`${folder}: the classifier can't be loaded (${why}); copy or train it again`, {
      cause,
    });
  }
}

/** Writes a folder that `openClassifier` and `roikit classify --model` take. */
export async function saveClassifier(
  folder: string,
  { model, ...about }: Required<OpenClassifier>,
  provenance: Record<string, unknown>,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, WEIGHTS), writeSafetensors(await stateDictOf(model)));
  await writeFile(join(folder, DESCRIPTION), JSON.stringify({ ...about, provenance }, null, 2) + '\n');
}
