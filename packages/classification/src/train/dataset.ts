import type { RgbImage } from '@roikit/image';

export interface LabelledImage {
  image: RgbImage;
  /** Index in `classes`. */
  label: number;
}

/** Pictures with one class each, read one at a time. */
export interface ClassificationDataset {
  readonly classes: readonly string[];
  readonly length: number;
  get(index: number): Promise<LabelledImage>;
}

/** 0 … count − 1 in random order (Fisher–Yates). */
export function shuffled(count: number, random: () => number): Int32Array {
  const order = Int32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

function subset(dataset: ClassificationDataset, indices: Int32Array): ClassificationDataset {
  return { classes: dataset.classes, length: indices.length, get: (index) => dataset.get(indices[index]) };
}

/** Sets a random share of a dataset apart, for validation where the folder has none. */
export function holdOut(
  dataset: ClassificationDataset,
  { share, random }: { share: number; random: () => number },
): { train: ClassificationDataset; validation: ClassificationDataset } {
  if (!(share > 0 && share < 1))
    throw new RangeError(`holdOut: share must lie between 0 and 1, got ${share}`);
  const order = shuffled(dataset.length, random);
  const count = Math.round(dataset.length * share);
  return { train: subset(dataset, order.slice(count)), validation: subset(dataset, order.slice(0, count)) };
}
