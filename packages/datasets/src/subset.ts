import type { Dataset } from './types';

/** The samples `indices` of a dataset, in that order. RangeError for an index outside [0, length). */
export function subset(dataset: Dataset, indices: readonly number[]): Dataset {
  const bad = indices.find((index) => !Number.isInteger(index) || index < 0 || index >= dataset.length);
  if (bad !== undefined) {
    throw new RangeError(`subset: indices must be integers in [0, ${dataset.length}), got ${bad}`);
  }
  const at = (index: number): number => {
    const source = indices[index];
    if (source === undefined)
      throw new RangeError(`subset: index must be in [0, ${indices.length}), got ${index}`);
    return source;
  };
  return {
    name: dataset.name,
    classes: dataset.classes,
    length: indices.length,
    id: (index) => dataset.id(at(index)),
    get: async (index) => dataset.get(at(index)),
    ...(dataset.imageFile && { imageFile: (index: number) => dataset.imageFile!(at(index)) }),
  };
}
