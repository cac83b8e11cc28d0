import {
  commonTraining,
  DEFAULT_KIND,
  DETECTORS,
  type DetectorKind,
  type DetectorOptions,
  type TrainOptions,
} from '@roikit/detectors';
import { checkOptions, didYouMean } from '@roikit/training';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { UsageError } from '../errors';

const count = z.int().min(1);
const wholeNumber = z.int().min(0);

const data = z.strictObject({
  path: z.string().optional(),
  format: z.enum(['auto', 'voc', 'coco', 'yolo', 'labelme', 'cvat']).optional(),
  /** Folders of pictures and annotations where they aren't found by themselves. */
  images: z.string().optional(),
  annotations: z.string().optional(),
  split: z.string().optional(),
  /** Evaluated after each epoch. */
  validation: z.string().optional(),
  /** Or a share of the pictures, drawn once, that is kept for it. */
  validationShare: z.number().min(0).lt(1).optional(),
  classes: z.array(z.string()).min(1).optional(),
  /** Synthetic scenes instead of a folder: how many to train on and to validate with. */
  digits: z.strictObject({ train: count, validation: wholeNumber }).optional(),
});

// Detector and training settings are the library's own schemas: what it takes, a recipe may say.
const kinds = Object.values(DETECTORS);
const detector = z.discriminatedUnion(
  'type',
  ofRecipes(kinds.map(({ options }) => options as unknown as Kind)),
);

// A setting that two kinds have is the later one's, which has more; `train` refuses what the kind at hand does not take.
const training = z.strictObject({
  ...commonTraining.shape,
  ...(Object.assign({}, ...kinds.map((kind) => kind.training.shape)) as z.ZodRawShape),
  epochs: count.optional(),
  seed: wholeNumber.optional(),
  /** Precision of the saved weights; the checkpoint always keeps all 32 bits. */
  saveAs: z.enum(['float32', 'float16']).optional(),
});

const recipe = z.strictObject({
  description: z.string().optional(),
  data: data.optional(),
  detector: detector.optional(),
  training: training.optional(),
});

type Kind = z.ZodObject<{ type: z.ZodLiteral<string>; classes: z.ZodType; backbone: z.ZodType }>;

/** The data say which classes there are, and a flag may say which backbone. */
function ofRecipes(schemas: readonly Kind[]) {
  const [first, ...others] = schemas.map((schema) =>
    schema.omit({ classes: true }).partial({ backbone: true }),
  );
  return [first!, ...others] as const;
}

/** What a recipe file may hold; everything is optional, flags come on top. */
export interface Recipe {
  description?: string;
  data?: RecipeData;
  detector?: Omit<RecipeDetector, 'backbone'> & Partial<Pick<RecipeDetector, 'backbone'>>;
  training?: RecipeTraining;
}

export type RecipeData = z.infer<typeof data>;
export type RecipeDetector = Omit<DetectorOptions, 'classes'>;
/** What `train` takes, but for what a run brings by itself. */
export type RecipeTraining = Omit<
  TrainOptions,
  'validation' | 'proposals' | 'checkpoint' | 'signal' | 'random'
> & { seed?: number; saveAs?: 'float32' | 'float16' };

/** Where the recipes lie that come with roikit: beside the built command, and in the repository. */
const FOLDERS = ['./recipes/', '../../../../recipes/'].map((path) =>
  fileURLToPath(new URL(path, import.meta.url)),
);

/** Names of the recipes that come with roikit. */
export async function bundledRecipes(): Promise<string[]> {
  const names = await readdir(bundledFolder()).catch(() => []);
  return names.filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -'.json'.length));
}

function bundledFolder(): string {
  return FOLDERS.find((folder) => existsSync(folder)) ?? FOLDERS[0]!;
}

/**
 * Reads and checks a recipe: a file, or one that comes with roikit by its name. UsageError that names the file, the place in
 * it and what is wrong there.
 *
 * @param kind what its detector is where the recipe does not say. @default the kind that is trained where nobody names one
 */
export async function readRecipe(name: string, kind?: DetectorKind): Promise<Recipe> {
  const bundled = join(bundledFolder(), `${name.replace(/\.json$/, '')}.json`);
  const path = !existsSync(name) && /^[\w.-]+$/.test(name) && existsSync(bundled) ? bundled : name;
  const text = await readFile(path, 'utf8').catch(async (cause: unknown) => {
    const known = await bundledRecipes();
    const cure = `check the path, or take one of ${known.join(', ')}${didYouMean(name, known)}`;
    throw new UsageError(`${name}: the recipe can't be read; ${cure}`, { cause });
  });
  return parseRecipe(text, path, kind);
}

export function parseRecipe(text: string, path: string, kind: DetectorKind = DEFAULT_KIND): Recipe {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new UsageError(`${path}: the recipe is not JSON (${(cause as Error).message}); correct the file`, {
      cause,
    });
  }
  const checked = checkOptions(recipe, withKind(value, kind));
  if ('faults' in checked) throw new UsageError(`${path}: ${checked.faults}; correct the recipe`);
  return checked.data as Recipe;
}

/** The schemas are told apart by the detector's `type`, so it has to be there. */
function withKind(value: unknown, type: DetectorKind): unknown {
  if (!isObject(value) || !isObject(value.detector)) return value;
  return { ...value, detector: { type, ...value.detector } };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
