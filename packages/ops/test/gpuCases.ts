import { regionOp, type RegionCase } from './cases';
import { golden } from './golden';
import { regionsOf, run } from './regions';

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

/** The case on the current backend. */
export const onCpu = (input: RegionCase) => run(regionOp(input.op, input.options), regionsOf(input));
