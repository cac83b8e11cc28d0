import { loadWeights, stateDictOf, type WeightSource } from '@roikit/backbones';
import { readStateDict, writeSafetensors } from '@roikit/weights';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import * as z from 'zod';
import { buildNetwork } from './networks';
import type { PreprocessOptions } from './preprocess';

/** A network with what its inputs and outputs mean. */
export interface TrainedClassifier {
  model: LayersModel;
  /** Its name for `buildNetwork`. */
  network: string;
  /** Whose form of the network it is: see `buildNetwork`. */
  source: WeightSource;
  /** Names of the outputs, in their order. */
  classes: readonly string[];
  preprocessing: PreprocessOptions;
}

/** A classifier as the two files of its folder. */
export interface ClassifierFiles {
  'classifier.json': Uint8Array;
  'weights.safetensors': Uint8Array;
}

const triple = z.tuple([z.number(), z.number(), z.number()]);
const preprocessing = z.object({
  resize: z.int().positive(),
  crop: z.int().positive(),
  interpolation: z.enum(['box', 'bilinear', 'hamming', 'bicubic', 'lanczos']),
  order: z.enum(['rgb', 'bgr']).optional(),
  mean: triple,
  std: triple,
}) satisfies z.ZodType<PreprocessOptions>;
const description = z.object({
  network: z.string(),
  source: z.enum(['torchvision', 'timm', 'keras']),
  classes: z.array(z.string()).min(2),
  preprocessing,
});

/**
 * Packs a classifier for a folder, a download or a database.
 *
 * @param provenance what a person may want to know of it later, as JSON: data, training, metrics.
 */
export async function packClassifier(
  { model, network, source, classes, preprocessing: options }: TrainedClassifier,
  provenance: Record<string, unknown> = {},
): Promise<ClassifierFiles> {
  const about = { network, source, classes, preprocessing: options, provenance };
  return {
    'classifier.json': new TextEncoder().encode(`${JSON.stringify(about, null, 2)}\n`),
    'weights.safetensors': writeSafetensors(await stateDictOf(model)),
  };
}

/**
 * Makes the classifier that `packClassifier` packed.
 *
 * @throws RangeError that says what is wrong with the description, or which weights are missing or do not fit.
 */
export async function unpackClassifier(files: ClassifierFiles): Promise<TrainedClassifier> {
  const { network, ...about } = readDescription(files['classifier.json']);
  const { source, classes, preprocessing: options } = about;
  const inputShape: [number, number, number] = [options.crop, options.crop, 3];
  const model = buildNetwork(network, { source, inputShape, numClasses: classes.length });
  try {
    loadWeights(model, await readStateDict(files['weights.safetensors']));
  } catch (error) {
    model.dispose();
    throw error;
  }
  return { model, network, ...about };
}

function readDescription(json: Uint8Array): z.infer<typeof description> {
  let content: unknown;
  try {
    content = JSON.parse(new TextDecoder().decode(json));
  } catch (cause) {
    throw new RangeError(`classifier.json is no JSON (${(cause as Error).message})`, { cause });
  }
  const parsed = description.safeParse(content);
  if (parsed.success) return parsed.data;
  throw new RangeError(`classifier.json: ${z.prettifyError(parsed.error)}`, { cause: parsed.error });
}
