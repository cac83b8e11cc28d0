import { regionOp, type RegionCase } from './cases';
import { golden } from './golden';
import { randomRegions, type Regions } from './random';
import { run } from './regions';

const data = {
  shape: golden.shape,
  features: golden.features,
  boxes: golden.boxes,
  boxIndices: golden.boxIndices,
};
const { spatialScale } = golden;

export const goldenCases: {
  name: string;
  input: RegionCase;
  expected: { output: number[]; gradient: number[] };
}[] = [
  ...golden.roiPool.map((expected) => ({
    name: `roiPool ${JSON.stringify(expected.options)}`,
    input: {
      ...data,
      op: 'roiPool' as const,
      options: { outputSize: expected.options.output_size, spatialScale },
    },
    expected,
  })),
  ...golden.roiAlign.map((expected) => {
    const { output_size: outputSize, sampling_ratio: samplingRatio, aligned } = expected.options;
    const options = { outputSize, spatialScale, samplingRatio, aligned };
    return {
      name: `roiAlign ${JSON.stringify(expected.options)}`,
      input: { ...data, op: 'roiAlign' as const, options },
      expected,
    };
  }),
];

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
export const cpuCases = [
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

/** The case's values, as arrays of their types. */
export function regionsOf({ shape, features, boxes, boxIndices }: RegionCase): Regions {
  return {
    shape,
    features: Float32Array.from(features),
    boxes: Float32Array.from(boxes),
    boxIndices: Int32Array.from(boxIndices),
  };
}

/** The case on the current backend. */
export const onCpu = (input: RegionCase) => run(regionOp(input.op, input.options), regionsOf(input));
