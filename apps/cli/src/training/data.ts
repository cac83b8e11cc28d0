import type { Dataset } from '@roikit/datasets';
import { DIGITS, digitScenes, openFolder } from '../data';
import { UsageError } from '../errors';
import type { TrainSettings } from './settings';

export interface TrainingData {
  dataset: Dataset;
  /** Measured after each epoch. */
  validation?: Dataset;
}

/** Scenes of `--data digits` where no recipe says how many. */
const DEFAULT_SCENES = { train: 1000, validation: 100 };

/** Opens what a run trains on and what it is validated with. */
export async function openTrainingData({ data, strict, training }: TrainSettings): Promise<TrainingData> {
  if (data.path === DIGITS) {
    const { train, validation } = data.digits ?? DEFAULT_SCENES;
    const { seed } = training;
    return {
      dataset: digitScenes('train', { count: train, seed }),
      validation: validation > 0 ? digitScenes('val', { count: validation, seed }) : undefined,
    };
  }
  const { path, format, images, annotations, split, validation, classes } = data;
  if (validation !== undefined && validation === split) {
    throw new UsageError(
      `train: --split and --val-split are both ${split}; pictures that were learned measure nothing`,
    );
  }
  const dataset = await openFolder(path, { format, images, annotations, split, classes, strict });
  if (validation === undefined) return { dataset };
  // The same class list, so that the labels mean the same.
  const options = { format, images, annotations, split: validation, classes: dataset.classes, strict };
  return { dataset, validation: await openFolder(path, options) };
}
