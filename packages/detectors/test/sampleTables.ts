import { BoxCoder, type Boxes, type GroundTruth } from '@roikit/geometry';

export const coder = new BoxCoder({ weights: [10, 10, 5, 5] });

export interface Picture {
  proposals: Boxes;
  truth: GroundTruth;
}

/** The table of pictures, as `train` has it. */
export const tableOf = (pictures: Picture[]) => ({
  indices: [...pictures.keys()],
  proposals: new Map(pictures.map(({ proposals }, i) => [i, proposals])),
  truths: new Map(pictures.map(({ truth }, i) => [i, truth])),
});
