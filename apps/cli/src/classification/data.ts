import { holdOut, type ClassificationDataset } from '@roikit/classification';
import { openImageFolder } from '@roikit/classification/node';
import { mulberry32 } from '@roikit/geometry';
import { UserError } from '../errors';
import type { ClassifierSettings } from './settings';

export interface ClassifierData {
  train: ClassificationDataset;
  /** Measured after each epoch. */
  validation?: ClassificationDataset;
}

/** Opens what a run trains on and what it is validated with. */
export async function openClassifierData({
  data: { path, validation, validationShare },
  training: { seed },
}: ClassifierSettings): Promise<ClassifierData> {
  const all = await openImageFolder(path);
  // Of the seed alone: a resumed run sets the same pictures apart.
  if (validationShare !== undefined)
    return holdOut(all, { share: validationShare, random: mulberry32(seed) });
  if (validation === undefined) return { train: all };
  const other = await openImageFolder(validation);
  const unknown = other.classes.filter((name) => !all.classes.includes(name));
  if (unknown.length > 0) {
    throw new UserError(
      `${validation}: ${path} has no class ${unknown.join(', ')}; both need the same folders`,
    );
  }
  return { train: all, validation: relabelled(other, all.classes) };
}

/** The same class list, so that the labels mean the same. */
function relabelled(dataset: ClassificationDataset, classes: readonly string[]): ClassificationDataset {
  const labels = dataset.classes.map((name) => classes.indexOf(name));
  const get = async (index: number) => {
    const { image, label } = await dataset.get(index);
    return { image, label: labels[label] as number };
  };
  return { classes, length: dataset.length, get };
}
