import type * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';

/**
 * The `tf.Variable`s inside a model's weights, by the weights' own names: what `tf.variableGrads` needs and layers do not
 * show.
 *
 * @param weights `model.trainableWeights`, or `model.weights`, in which batch norms' statistics are
 */
export function variablesOf(weights: readonly tfl.LayerVariable[]): Map<string, tf.Variable> {
  return new Map(
    weights.map((weight) => [weight.originalName, (weight as unknown as { val: tf.Variable }).val]),
  );
}
