import type { DatasetFormat } from '@roikit/datasets/node';
import { DEFAULT_KIND, resolveConfig, type DetectorKind, type DetectorOptions } from '@roikit/detectors';
import { storedTraining } from '@roikit/training';
import { DIGITS } from '../dataset/digitScenes';
import { inFlags, UsageError } from '../errors';
import { readSettingsFile, writeSettingsFile } from '../runs/settingsFile';
import { weightsNamed } from '../weights/imagenet';
import type { Recipe, RecipeData, RecipeDetector, RecipeTraining } from './recipe';

/** What `roikit train` takes on the command line; every one but `resume`, `tensorboard` and `json` overrides the recipe. */
export interface TrainFlags {
  recipe?: string;
  data?: string;
  format?: 'auto' | DatasetFormat;
  images?: string;
  annotations?: string;
  split?: string;
  valSplit?: string;
  valShare?: number;
  classes?: string[];
  strict?: boolean;
  type?: DetectorKind;
  backbone?: string;
  weights?: string;
  /** A detector to start from. */
  from?: string;
  epochs?: number;
  batch?: number;
  lr?: number;
  seed?: number;
  engine: string;
  cache?: string;
  out?: string;
  resume?: boolean;
  tensorboard?: boolean;
  json?: boolean;
}

/** A run's settings with nothing left open: written to config.json, read again by --resume. */
export interface TrainSettings {
  data: RecipeData & { path: string };
  strict: boolean;
  /** File, address or hub name of the backbone's ImageNet weights. */
  weights?: string;
  /** Folder of the detector it starts from. */
  from?: string;
  detector: RecipeDetector;
  training: RecipeTraining & { seed: number };
  /** Whether event files for TensorBoard are written. */
  tensorboard?: boolean;
  /** Where the settings came from, for the reader. */
  recipe?: string;
}

/** Recipe and flags as one; UsageError for what neither says, and for a backbone that is not known. */
export function resolveSettings(flags: TrainFlags, recipe: Recipe): TrainSettings {
  const path = flags.data ?? recipe.data?.path ?? (recipe.data?.digits ? DIGITS : undefined);
  if (path === undefined) {
    throw new UsageError(
      `train: which pictures? Give --data <folder>, or --data ${DIGITS} for synthetic scenes`,
    );
  }
  const { training = {} } = recipe;
  const detector = resolveDetector(flags, recipe);
  return {
    data: withFlags(recipe.data ?? {}, path, flags),
    strict: flags.strict ?? false,
    weights: weightsNamed(flags.weights, backboneOf(detector)),
    from: flags.from,
    detector,
    training: {
      ...training,
      ...(flags.epochs !== undefined && { epochs: flags.epochs }),
      seed: flags.seed ?? training.seed ?? 1,
      ...(flags.batch !== undefined && { batch: { ...training.batch, images: flags.batch } }),
      ...(flags.lr !== undefined && { optimizer: { ...training.optimizer, learningRate: flags.lr } }),
    },
    tensorboard: flags.tensorboard,
    recipe: flags.recipe,
  };
}

function withFlags(data: RecipeData, path: string, flags: TrainFlags): TrainSettings['data'] {
  return {
    ...data,
    path,
    format: flags.format ?? data.format,
    images: flags.images ?? data.images,
    annotations: flags.annotations ?? data.annotations,
    split: flags.split ?? data.split,
    validation: flags.valSplit ?? (flags.valShare === undefined ? data.validation : undefined),
    validationShare: flags.valShare ?? data.validationShare,
    classes: flags.classes ?? data.classes,
  };
}

function resolveDetector(flags: TrainFlags, recipe: Recipe): RecipeDetector {
  const given = recipe.detector;
  const name =
    flags.backbone ?? (typeof given?.backbone === 'string' ? given.backbone : given?.backbone?.name);
  if (name === undefined) {
    throw new UsageError(
      'train: which backbone? Give --backbone <name> (for example squeezenet1_1), or a --recipe',
    );
  }
  const settings = typeof given?.backbone === 'object' ? given.backbone : {};
  const detector = {
    ...given,
    type: flags.type ?? given?.type ?? DEFAULT_KIND,
    // Layers are frozen to keep what ImageNet taught them; random weights must all be trained.
    backbone: {
      ...(flags.weights === undefined && flags.from === undefined && { frozenThrough: null }),
      ...settings,
      name,
    },
  } as RecipeDetector;
  checkDetector(detector, flags.backbone === undefined ? (flags.recipe ?? 'train') : '--backbone');
  return detector;
}

/** Name of a detector's backbone. */
export function backboneOf({ backbone }: RecipeDetector): string {
  return typeof backbone === 'string' ? backbone : backbone.name;
}

/** @param place flag or file that the settings come from */
function checkDetector(detector: RecipeDetector, place: string): void {
  try {
    resolveConfig({ ...detector, classes: ['any'] } as DetectorOptions);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new UsageError(`${place}: ${inFlags(cause.message).replace(/^backbone /, '')}`, { cause });
  }
}

/** The file of the settings in a run's folder. */
export const SETTINGS_FILE = 'config.json';

/** The settings of the run in `out`; UserError where there is none. */
export async function readSettings(out: string): Promise<TrainSettings> {
  const settings = await readSettingsFile<TrainSettings>(out, SETTINGS_FILE);
  return { ...settings, training: storedTraining(settings.training) };
}

export const writeSettings = (out: string, settings: TrainSettings): Promise<void> =>
  writeSettingsFile(out, SETTINGS_FILE, settings);
