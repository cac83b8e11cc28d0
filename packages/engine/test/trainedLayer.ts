import * as tf from '@tensorflow/tfjs-core';
import type { layers } from '@tensorflow/tfjs-layers';
import { randomTensor } from './cases';

/** Output and gradients by input, weights and bias of a layer in training, as one row. */
export function trainedLayer(layer: layers.Layer, shape: number[]): tf.Tensor {
  return tf.tidy(() => {
    const x = tf.variable(randomTensor(shape, 1));
    const output = () => layer.apply(x) as tf.Tensor;
    output();
    layer.setWeights(layer.getWeights().map(({ shape }, i) => randomTensor(shape, i + 2)));
    const variables = [x, ...layer.weights.map((weight) => weight.read() as tf.Variable)];
    const dy = randomTensor(output().shape, 9);
    const { grads } = tf.variableGrads(() => tf.sum(tf.mul(output(), dy)) as tf.Scalar, variables);
    const found = [output(), ...variables.map(({ name }) => grads[name]!)];
    const joined = tf.concat(found.map((tensor) => tf.reshape(tensor, [-1])));
    layer.dispose();
    x.dispose();
    return joined;
  });
}
