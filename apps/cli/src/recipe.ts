import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { UsageError } from './errors';

const count = z.int().min(1);
const wholeNumber = z.int().min(0);
const positive = z.number().positive();
const share = z.number().min(0).max(1);
const triple = z.tuple([z.number(), z.number(), z.number()]);

const data = z.strictObject({
  path: z.string().optional(),
  format: z.enum(['auto', 'voc', 'coco', 'yolo', 'labelme', 'cvat']).optional(),
  /** Folders of pictures and annotations where they aren't found by themselves. */
  images: z.string().optional(),
  annotations: z.string().optional(),
  split: z.string().optional(),
  /** Evaluated after each epoch. */
  validation: z.string().optional(),
  classes: z.array(z.string()).min(1).optional(),
  /** Synthetic scenes instead of a folder: how many to train on and to validate with. */
  digits: z.strictObject({ train: count, validation: wholeNumber }).optional(),
});

const backbone = z.strictObject({
  name: z.string(),
  layers: z.array(z.string()).min(1).optional(),
  frozenThrough: z.string().nullable().optional(),
});

const proposals = z.strictObject({
  mode: z.enum(['single', 'fast', 'quality']).optional(),
  maxProposals: count.optional(),
  minSize: wholeNumber.optional(),
  nmsThreshold: z.number().min(0).max(1).optional(),
  resizeWidth: count.optional(),
});

const detector = z.strictObject({
  type: z.literal('fast-rcnn'),
  backbone: z.union([z.string(), backbone]),
  transform: z
    .strictObject({ minSize: count, maxSize: count, mean: triple, std: triple })
    .partial()
    .optional(),
  neck: z.strictObject({ channels: count }).nullable().optional(),
  proposals: proposals.optional(),
  regions: z.strictObject({ outputSize: z.tuple([count, count]) }).optional(),
  head: z
    .strictObject({ hidden: z.array(count), dropout: share })
    .partial()
    .optional(),
  boxCoder: z.strictObject({ weights: z.tuple([positive, positive, positive, positive]) }).optional(),
  postprocess: z
    .strictObject({ scoreThreshold: share, nmsThreshold: share, maxDetections: count })
    .partial()
    .optional(),
});

const batch = z
  .strictObject({
    images: count,
    regions: count,
    positiveFraction: share,
    foregroundIou: share,
    backgroundIou: z.tuple([share, share]),
    uniformClasses: z.boolean(),
  })
  .partial();

const optimizer = z
  .strictObject({
    type: z.enum(['sgd', 'adamw']),
    learningRate: positive,
    backboneFactor: z.number().min(0),
    momentum: share,
    betas: z.tuple([share, share]),
    weightDecay: z.number().min(0),
    clipNorm: positive.nullable(),
  })
  .partial();

const schedule = z
  .strictObject({
    type: z.enum(['constant', 'step', 'cosine']),
    milestones: z.array(share),
    gamma: positive,
    warmupSteps: wholeNumber,
  })
  .partial();

const training = z.strictObject({
  epochs: count,
  batch: batch.optional(),
  loss: z.strictObject({ lambda: positive, beta: positive }).partial().optional(),
  optimizer: optimizer.optional(),
  schedule: schedule.optional(),
  augment: z.strictObject({ horizontalFlip: share, verticalFlip: share }).partial().optional(),
  validateEvery: count.optional(),
  seed: wholeNumber.optional(),
  /** Precision of the saved weights; the checkpoint always keeps all 32 bits. */
  saveAs: z.enum(['float32', 'float16']).optional(),
});

const recipe = z.strictObject({
  description: z.string().optional(),
  data: data.optional(),
  detector: detector.optional(),
  training: training.partial().optional(),
});

/** What a recipe file may hold; everything is optional, flags come on top. */
export type Recipe = z.infer<typeof recipe>;
export type RecipeData = z.infer<typeof data>;
export type RecipeDetector = z.infer<typeof detector>;
export type RecipeTraining = z.infer<typeof training>;

/** Reads and checks a recipe. UsageError that names the file, the place in it and what is wrong there. */
export async function readRecipe(path: string): Promise<Recipe> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new UsageError(`${path}: the recipe can't be read; check the path`, { cause });
  });
  return parseRecipe(text, path);
}

export function parseRecipe(text: string, path: string): Recipe {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new UsageError(`${path}: the recipe is not JSON (${(cause as Error).message}); correct the file`, {
      cause,
    });
  }
  const parsed = recipe.safeParse(value);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => {
    const place = issue.path.length > 0 ? `${issue.path.join('.')}: ` : '';
    return place + issue.message.replace(/^Invalid input: /, '');
  });
  throw new UsageError(`${path}: ${faults.join('; ')}; correct the recipe`);
}
