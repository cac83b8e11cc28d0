import type { Dataset } from '@roikit/datasets';
import type { PhaseEntry } from '@roikit/training';
import type { StateDict } from '@roikit/weights';
import type { z } from 'zod';
import type { Architecture } from './files/architecture';
import type { BaseConfig } from './config';
import type { GeneralizedRCNN } from './generalizedRCNN';
import type { BatchOptions } from './training/multiTaskTraining';
import type { ResolvedTrainOptions } from './training/trainOptions';
import type { SampleTable } from './training/sampleTable';
import type { Report } from './types';

/** A kind of detector for the reader, and what its paper measured. */
export interface About {
  name: string;
  /** VGG16 on PASCAL VOC 2007, trained on VOC07, one NVIDIA K40 (Fast R-CNN, Table 4). */
  paper: PaperNumbers;
  /** The same with truncated SVD. */
  svd?: PaperNumbers;
}

interface PaperNumbers {
  source: string;
  trainHours?: number;
  secondsPerImage: number;
  map: number;
}

/** What a kind of detector brings; its entry in the registry. */
export interface DetectorType<Config extends BaseConfig, Options, D extends GeneralizedRCNN> {
  about: About;
  /** What detector.json holds. */
  config: z.ZodType<Config>;
  /** What `createDetector` takes, and, but for `classes`, a recipe. */
  options: z.ZodObject & z.ZodType<unknown, Options>;
  /** Fills in the defaults. */
  resolve(options: Options, about: { pretrained: boolean }): Config;
  /** Puts the parts together; without `random` the weights are zeros, to be loaded. */
  build(config: Config, random?: () => number): D;
  /** Starts from a classification network's weights; `warn` says what of them is left unused. */
  initialize(detector: D, weights: StateDict, warn: (message: string) => void): void;
  /** Those of its kind that others publish weights of, by name: what `fromTorchvision` takes. */
  architectures?: Readonly<Record<string, Architecture>>;
  /** What `train` takes beyond the options that all kinds have. */
  training: z.ZodObject;
  /** How a step's images and regions are drawn where `train` is not told otherwise. */
  batch: BatchOptions & { images: number };
  /** How it is trained: one phase after the other. */
  phases(detector: D, data: TrainData, options: ResolvedTrainOptions): PhaseEntry<Report>[];
}

/** What a run learns from. */
export interface TrainData {
  dataset: Dataset;
  /** The samples that can be used, and their proposals where the detector does not make them itself. */
  table: SampleTable;
}
