import type { RgbImage } from '@roikit/image';
import { shuffled } from '@roikit/training';

export interface LabelledImage {
  image: RgbImage;
  /** Index in `classes`. */
  label: number;
}

/** Pictures with one class each, read one at a time. */
export interface ClassificationDataset {
  readonly classes: readonly string[];
  readonly length: number;
  /** Reads picture `index`. */
  get(index: number): Promise<LabelledImage>;
  /** What a person calls a picture, for errors: its file. */
  name?(index: number): string;
}

function subset(dataset: ClassificationDataset, indices: readonly number[]): ClassificationDataset {
  const at = (index: number) => indices[index]!;
  return {
    classes: dataset.classes,
    length: indices.length,
    get: (index) => dataset.get(at(index)),
    ...(dataset.name && { name: (index: number) => dataset.name!(at(index)) }),
  };
}

/** Sets a random share of a dataset apart, for validation where the folder has none. */
export function holdOut(
  dataset: ClassificationDataset,
  { share, random }: { share: number; random: () => number },
): { train: ClassificationDataset; validation: ClassificationDataset } {
  if (!(share > 0 && share < 1))
    throw new RangeError(`holdOut: share must lie between 0 and 1, got ${share}`);
  const order = shuffled([...Array(dataset.length).keys()], random);
  const count = Math.round(dataset.length * share);
  return { train: subset(dataset, order.slice(count)), validation: subset(dataset, order.slice(0, count)) };
}
