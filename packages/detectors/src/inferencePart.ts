import { fuse, variablesOf, type FusedModel } from '@roikit/backbones';
import type * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { modelPart } from './modelPart';
import type { Part } from './parts';

/** A model that is trained as it is, and detects with batch norm, padding and ReLU folded into its convolutions. */
export interface InferencePart extends Part {
  /** Outputs of the model, not differentiable. */
  infer(input: tf.Tensor4D | readonly tf.Tensor4D[]): tf.Tensor[];
}

/** A model as a part with a fast way to run it. What is folded is made on first use and again where weights have changed. */
export function inferencePart(model: LayersModel): InferencePart {
  let fused: FusedModel | undefined;
  let folded: readonly object[] = [];
  const part = modelPart(model);
  return {
    ...part,
    infer: (input) => {
      const now = dataOf(model);
      if (!fused || now.some((data, i) => data !== folded[i])) {
        fused?.dispose();
        fused = fuse(model);
        folded = now;
      }
      return [fused.predict(input)].flat();
    },
    dispose: () => {
      fused?.dispose();
      part.dispose();
    },
  };
}

/** An assignment gives a variable other data: identity tells whether anything was assigned since. */
function dataOf(model: LayersModel): object[] {
  return Array.from(variablesOf(model.weights).values(), ({ dataId }) => dataId);
}
