import * as tf from '@tensorflow/tfjs-core';
import type { RegionCase } from './cases';
import { maxError, upstream, type RegionOp } from './compare';
import type { Regions } from './random';

/** Runs the operation and its gradient for the upstream dy, and returns plain arrays. */
export async function run(op: RegionOp, { shape, features, boxes, boxIndices }: Regions) {
  const x = tf.tensor4d(features, shape);
  const b = tf.tensor2d(boxes, [boxIndices.length, 4]);
  const i = tf.tensor1d(boxIndices, 'int32');
  const y = op(x, b, i);
  const dy = upstream(y.shape);
  const dx = tf.grad((v) => op(v as tf.Tensor4D, b, i))(x, dy);
  const result = { shape: y.shape, output: await y.data(), dy: await dy.data(), gradient: await dx.data() };
  tf.dispose([x, b, i, y, dy, dx]);
  return result;
}

/**
 * How far the gradient is from central differences of Σ dy · op(features), over every feature. The values' spacing must
 * exceed the step where a maximum could change hands.
 */
export async function finiteDifferenceError(op: RegionOp, regions: Regions, step: number): Promise<number> {
  const { dy, gradient } = await run(op, regions);
  const loss = async (features: Float32Array): Promise<number> => {
    const { output } = await run(op, { ...regions, features });
    return (output as Float32Array).reduce((sum, value, i) => sum + value * dy[i]!, 0);
  };
  const numeric = new Float32Array(regions.features.length);
  for (let i = 0; i < numeric.length; i++) {
    const [above, below] = [regions.features.slice(), regions.features.slice()];
    above[i]! += step;
    below[i]! -= step;
    numeric[i] = ((await loss(above)) - (await loss(below))) / (2 * step);
  }
  return maxError(gradient, numeric);
}

/** Tensors left by 100 forward and backward runs. */
export async function leakedTensors(op: RegionOp, regions: Regions): Promise<number> {
  const before = tf.memory().numTensors;
  for (let i = 0; i < 100; i++) await run(op, regions);
  return tf.memory().numTensors - before;
}

/** Distinct multiples of 1/16 in a scrambled order: any two differ by more than a step of 1/64. */
export function distinct(size: number): Float32Array {
  return Float32Array.from({ length: size }, (_, i) => (((i * 7919) % size) - size / 2) / 16);
}

/** The case's values, as arrays of their types. */
export function regionsOf({ shape, features, boxes, boxIndices }: RegionCase): Regions {
  return {
    shape,
    features: Float32Array.from(features),
    boxes: Float32Array.from(boxes),
    boxIndices: Int32Array.from(boxIndices),
  };
}
