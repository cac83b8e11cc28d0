import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { outputLayers } from '../graph';
import type { Step } from './compile';
import { compile } from './compile';

type Layer = tfl.layers.Layer;

/** A network made ready to run many times and never to train. */
export interface FusedModel {
  readonly name: string;
  /** From `[N, H, W, C]`, or one for each input, to what the model gives: a tensor, or one for each output. */
  predict(inputs: tf.Tensor4D | readonly tf.Tensor4D[]): tf.Tensor | tf.Tensor[];
  /** Frees the fused weights; those of the model it was made from stay. */
  dispose(): void;
}

/** How many steps take each layer's output. */
function countUses(steps: Step[], outputs: Layer[]): Map<Layer, number> {
  const uses = new Map<Layer, number>();
  for (const layer of [...steps.flatMap(({ inputs }) => inputs), ...outputs]) {
    uses.set(layer, (uses.get(layer) ?? 0) + 1);
  }
  return uses;
}

/** Runs the steps, letting go of each map as soon as nothing needs it. */
function execute(
  steps: Step[],
  uses: Map<Layer, number>,
  inputs: readonly [Layer, tf.Tensor][],
): Map<Layer, tf.Tensor> {
  const maps = new Map(inputs.map(([layer, given]) => [layer, given.clone()]));
  const left = new Map(uses);
  for (const { inputs: before, output, run } of steps) {
    const taken = before.map((layer) => maps.get(layer) as tf.Tensor);
    const result = tf.tidy(() => {
      const given = run(taken);
      return taken.includes(given) ? given.clone() : given; // dropout at rest gives what it takes
    });
    for (const layer of before) {
      left.set(layer, (left.get(layer) as number) - 1);
      if (left.get(layer) === 0) maps.get(layer)?.dispose();
    }
    maps.set(output, result);
  }
  return maps;
}

/**
 * Folds batch norms into the convolutions before them, takes padding and ReLU into the convolutions, and drops
 * dropout: the same outputs in fewer operations. The weights are copied; later changes to the model do not show.
 *
 * @param model a network of this package, or a `featureExtractor` of one, or another whose layers are each used once.
 */
export function fuse(model: tfl.LayersModel): FusedModel {
  let disposed = false;
  let steps: Step[] = [];
  tf.tidy(() => {
    steps = compile(model);
  });
  const outputs = outputLayers(model);
  const uses = countUses(steps, outputs);
  const inputLayers = model.inputs.map(({ sourceLayer }) => sourceLayer);
  return {
    name: model.name,
    predict(inputs) {
      if (disposed) throw new Error(`fuse: ${model.name} is disposed; fuse the model again`);
      const given = [inputs].flat() as tf.Tensor4D[];
      if (given.length !== inputLayers.length) {
        throw new RangeError(`fuse: ${model.name} takes ${inputLayers.length} inputs, got ${given.length}`);
      }
      return tf.tidy(() => {
        const maps = execute(
          steps,
          uses,
          inputLayers.map((layer, i) => [layer, given[i]!]),
        );
        const results = outputs.map((layer) => maps.get(layer) as tf.Tensor);
        return results.length === 1 ? results[0]! : results;
      });
    },
    dispose() {
      disposed = true;
      tf.dispose(steps.flatMap(({ owned }) => owned));
    },
  };
}
