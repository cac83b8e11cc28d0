import { subset, type Dataset } from '@roikit/datasets';
import type { FileDataset } from '@roikit/datasets/node';
import { mulberry32 } from '@roikit/geometry';
import { shuffled } from '@roikit/training';
import { DIGITS, digitScenes } from '../dataset/digitScenes';
import { hasObjects, openFolder } from '../dataset/openFolder';
import { UsageError, UserError } from '../errors';
import type { TrainSettings } from './settings';

export interface TrainingData {
  dataset: Dataset;
  /** Measured after each epoch. */
  validation?: Dataset;
}

/** Scenes of `--data digits` where no recipe says how many. */
const DEFAULT_SCENES = { train: 1000, validation: 100 };

/** Enough to tell one epoch from another, where the data has no split for it. */
const DEFAULT_VALIDATION_SHARE = 0.2;

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
  requireObjects(dataset, { path, classes });
  if (validation === undefined)
    return holdOut(dataset, data.validationShare ?? DEFAULT_VALIDATION_SHARE, training.seed);
  // The same class list, so that the labels mean the same.
  const options = { format, images, annotations, split: validation, classes: dataset.classes, strict };
  return { dataset, validation: await openFolder(path, options) };
}

/** UserError where nothing is annotated: before anything is computed for the pictures. */
function requireObjects(
  dataset: FileDataset,
  { path, classes }: { path: string; classes?: readonly string[] },
): void {
  if (hasObjects(dataset)) return;
  if (classes === undefined) throw new UserError(`${path}: no object is annotated there; check --data`);
  throw new UserError(`${path}: nothing there is a ${classes.join(' or ')}; check --classes`);
}

/** Keeps a share of the pictures for validation, the same ones whenever the seed is the same. */
function holdOut(dataset: Dataset, share: number, seed: number): TrainingData {
  if (share === 1) throw new UsageError('train: --val-share 1 leaves nothing to train on; give less than 1');
  const count = Math.round(share * dataset.length);
  if (count === 0) return { dataset };
  const order = shuffled([...Array(dataset.length).keys()], mulberry32(seed));
  const part = (indices: number[]) =>
    subset(
      dataset,
      indices.toSorted((a, b) => a - b),
    );
  return { dataset: part(order.slice(count)), validation: part(order.slice(0, count)) };
}
