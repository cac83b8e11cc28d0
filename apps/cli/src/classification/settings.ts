import type { WeightSource } from '@roikit/backbones';
import {
  defaultPreprocessing,
  type ClassifierAugmentation,
  type PreprocessOptions,
} from '@roikit/classification';
import { UsageError } from '../errors';
import { readSettingsFile, writeSettingsFile } from '../runs/settingsFile';
import { weightsNamed } from '../weights/imagenet';
import { guessSource, networkNamed } from './network';

/** What `roikit train-classifier` takes on the command line. */
export interface TrainClassifierFlags {
  data?: string;
  valData?: string;
  valShare?: number;
  model?: string;
  weights?: string;
  source?: WeightSource;
  size?: number;
  epochs?: number;
  batch?: number;
  lr?: number;
  schedule?: 'cosine' | 'step';
  labelSmoothing?: number;
  ema?: number;
  flip: boolean;
  seed?: number;
  engine: string;
  out?: string;
  resume?: boolean;
  json?: boolean;
}

/** A run's settings with nothing left open: written to config.json, read again by --resume. */
export interface ClassifierSettings {
  data: { path: string; validation?: string; validationShare?: number };
  network: string;
  /** File or hub name of the weights to start from. */
  weights?: string;
  source: WeightSource;
  preprocessing: PreprocessOptions;
  training: {
    epochs: number;
    batch: number;
    learningRate: number;
    schedule: 'cosine' | 'step';
    labelSmoothing: number;
    ema?: number;
    augmentation: ClassifierAugmentation;
    seed: number;
  };
}

/** As `roikit train`: where small data sets stop gaining. */
const DEFAULT_EPOCHS = 12;
const DEFAULT_BATCH = 32;
/** ResNet's, for 256 pictures a step; a tenth keeps what published weights have learned. */
const LEARNING_RATE = { scratch: 0.1 / 256, pretrained: 0.01 / 256 };
/** torchvision's training recipe. */
const DEFAULT_SMOOTHING = 0.1;
/** Every fifth picture is enough to see whether a run learns. */
const DEFAULT_VALIDATION_SHARE = 0.2;

/** The flags as settings; UsageError for what is not said. */
export function classifierSettings(flags: TrainClassifierFlags): ClassifierSettings {
  const { data, model, size, epochs = DEFAULT_EPOCHS, batch = DEFAULT_BATCH } = flags;
  if (data === undefined) {
    throw new UsageError(
      'train-classifier: which pictures? Give --data <folder>, with one folder in it for each class',
    );
  }
  if (model === undefined) {
    throw new UsageError('train-classifier: which network? Give --model <name>, for example mobilenetV2');
  }
  const network = networkNamed(model);
  const weights = weightsNamed(flags.weights, network);
  const preprocessing = defaultPreprocessing(network);
  return {
    data: validationOf(data, flags),
    network,
    weights,
    source: flags.source ?? guessSource(weights ?? ''),
    preprocessing: size === undefined ? preprocessing : scaled(preprocessing, size),
    training: {
      epochs,
      batch,
      learningRate:
        flags.lr ?? batch * (weights === undefined ? LEARNING_RATE.scratch : LEARNING_RATE.pretrained),
      schedule: flags.schedule ?? 'cosine',
      labelSmoothing: flags.labelSmoothing ?? DEFAULT_SMOOTHING,
      ema: flags.ema,
      augmentation: flags.flip ? {} : { flip: 0 },
      seed: flags.seed ?? 1,
    },
  };
}

/** With fewer pictures than a step takes by default, all of them a step. */
export function fitBatch(
  settings: ClassifierSettings,
  { batch: given, lr }: TrainClassifierFlags,
  pictures: number,
): ClassifierSettings {
  const { batch, learningRate } = settings.training;
  if (given !== undefined || batch <= pictures) return settings;
  const fitted = { batch: pictures, learningRate: lr ?? (learningRate * pictures) / batch };
  return { ...settings, training: { ...settings.training, ...fitted } };
}

function validationOf(path: string, { valData, valShare }: TrainClassifierFlags): ClassifierSettings['data'] {
  if (valData !== undefined && valShare !== undefined) {
    throw new UsageError('train-classifier: give --val-data or --val-share, not both');
  }
  if (valData !== undefined) return { path, validation: valData };
  const validationShare = valShare ?? DEFAULT_VALIDATION_SHARE;
  if (validationShare === 1) {
    throw new UsageError('train-classifier: --val-share 1 leaves nothing to train on; give less than 1');
  }
  return validationShare === 0 ? { path } : { path, validationShare };
}

/** The same picture at another size. */
function scaled(options: PreprocessOptions, size: number): PreprocessOptions {
  return { ...options, crop: size, resize: Math.round((options.resize * size) / options.crop) };
}

/** The file of the settings in a run's folder. */
export const SETTINGS_FILE = 'config.json';

/** The settings of the run in `out`; UserError where there is none. */
export const readSettings = (out: string): Promise<ClassifierSettings> =>
  readSettingsFile(out, SETTINGS_FILE);

export const writeSettings = (out: string, settings: ClassifierSettings): Promise<void> =>
  writeSettingsFile(out, SETTINGS_FILE, settings);
