import * as tf from '@tensorflow/tfjs-core';
import { overrideGradient } from './overrideGradient';

const backends = ['wasm', 'webgpu', 'tensorflow'];

/** Axes of a map `[N, H, W, C]` that batch normalisation sums over. */
const perChannel = [0, 1, 2];

/**
 * Batch normalisation's gradients from two sums over the map, Σ dy and Σ dy (x − μ): five passes over it, where the stock
 * gradient makes fourteen. For one mean, variance and scale a channel; undefined for other shapes.
 */
function fusedBatchNormGradient(dy: tf.Tensor, saved: tf.Tensor[], attrs: tf.NamedAttrMap) {
  const [x, mean, variance, scale] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor | undefined];
  if (x.rank !== 4 || mean.rank !== 1 || variance.rank !== 1 || scale?.rank !== 1) return undefined;
  const inverse = tf.rsqrt(tf.add(variance, attrs['varianceEpsilon'] as number)); // 1 / σ
  const factor = tf.mul(inverse, scale); // γ / σ
  const sum = tf.sum(dy, perChannel);
  const product = tf.sum(tf.mul(dy, tf.sub(x, mean)), perChannel);
  return {
    x: () => tf.mul(dy, factor),
    mean: () => tf.neg(tf.mul(factor, sum)),
    variance: () => tf.mul(tf.mul(tf.mul(factor, tf.square(inverse)), product), -0.5),
    scale: () => tf.mul(inverse, product),
    offset: () => tf.clone(sum),
  };
}

/** A mean's gradient is dy / n for each of its n values: one pass, where the stock gradient multiplies by a map of ones. */
function meanGradient(dy: tf.Tensor, [x]: tf.Tensor[], { axis }: tf.NamedAttrMap) {
  const axes = tf.util.parseAxisParam(axis as number[], x!.shape);
  const kept = x!.shape.map((size, i) => (axes.includes(i) ? 1 : size));
  const count = tf.util.sizeFromShape(x!.shape) / tf.util.sizeFromShape(kept);
  return { x: () => tf.broadcastTo(tf.div(tf.reshape(dy, kept), count), x!.shape as [number]) };
}

let registered = false;

/** Training with batch norms spends half its time in these two. */
export function registerBatchNormGradients(): void {
  if (registered) return;
  registered = true;
  overrideGradient('FusedBatchNorm', fusedBatchNormGradient, backends);
  overrideGradient('Mean', meanGradient, backends);
}
