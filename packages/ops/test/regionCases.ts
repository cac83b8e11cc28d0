import type { RegionCase } from './cases';
import { randomRegions } from './random';

function randomCase(seed: number, boxes: number, channels = 3): Omit<RegionCase, 'op' | 'options'> {
  const regions = randomRegions(seed, [2, 13, 17, channels], boxes, 1 / 16);
  return {
    shape: regions.shape,
    features: [...regions.features],
    boxes: [...regions.boxes],
    boxIndices: [...regions.boxIndices],
  };
}

const pyramid = { levels: [1, 2, 3, 6], spatialScale: 1 / 16 };
/** Cases to compare between backends. */
export const regionCases = [
  { ...randomCase(1, 20), op: 'roiPool', options: { outputSize: 7, spatialScale: 1 / 16 } },
  // Channels in fours are read four at a time.
  { ...randomCase(7, 20, 8), op: 'roiPool', options: { outputSize: [3, 5], spatialScale: 1 / 16 } },
  { ...randomCase(2, 0), op: 'roiPool', options: { outputSize: 7, spatialScale: 1 / 16 } },
  {
    ...randomCase(3, 20),
    op: 'roiAlign',
    options: { outputSize: [3, 5], spatialScale: 1 / 16, samplingRatio: 0, aligned: true },
  },
  { ...randomCase(4, 15), op: 'spatialPyramidPool', options: { ...pyramid, bins: 'adaptive' } },
  { ...randomCase(5, 15), op: 'spatialPyramidPool', options: { ...pyramid, bins: 'fixed' } },
  {
    ...randomCase(6, 15),
    op: 'spatialPyramidPool',
    options: { ...pyramid, projection: { offset0: 21, offset: 6.5 } },
  },
] as RegionCase[];
