import type { Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';

/** One side for a square, or `[height, width]`, in bins. */
export type Size = number | readonly [height: number, width: number];

export const positiveInteger = (value: number): boolean => Number.isInteger(value) && value > 0;

/** `[height, width]` of a size; RangeError unless both are positive integers. */
export function checkSize(fn: string, name: string, size: Size): [height: number, width: number] {
  const [height, width] = typeof size === 'number' ? [size, size] : size;
  if (!positiveInteger(height) || !positiveInteger(width)) {
    throw new RangeError(`${fn}: ${name} must be a positive integer or two, got ${JSON.stringify(size)}`);
  }
  return [height, width];
}

export function checkSpatialScale(fn: string, spatialScale: number): void {
  if (!(spatialScale > 0 && Number.isFinite(spatialScale))) {
    throw new RangeError(
      `${fn}: spatialScale must be a positive number (1/16 for a map of stride 16), got ${spatialScale}`,
    );
  }
}

/** One of a few words. */
export function checkChoice(fn: string, name: string, value: unknown, choices: readonly string[]): void {
  if (choices.includes(value as string)) return;
  throw new TypeError(`${fn}: ${name} must be one of ${choices.join(', ')}, got ${JSON.stringify(value)}`);
}

interface Described {
  shape: readonly number[];
  dtype: string;
  isDisposed: boolean;
}

export function checkTensor(
  fn: string,
  name: string,
  tensor: Described,
  expected: { rank: number; dtype: string; layout: string },
): void {
  if (!Array.isArray(tensor?.shape))
    throw new TypeError(
      `${fn}: ${name} must be a tensor, ${expected.layout}, got ${Object.prototype.toString.call(tensor).slice(8, -1)}; make one with tf.tensor`,
    );
  if (tensor.isDisposed) throw new Error(`${fn}: ${name} is disposed; dispose it after its last use`);
  if (tensor.shape.length !== expected.rank) {
    throw new RangeError(
      `${fn}: ${name} must be ${expected.layout} (rank ${expected.rank}), got shape [${tensor.shape.join(', ')}]`,
    );
  }
  if (tensor.dtype !== expected.dtype) {
    throw new TypeError(
      `${fn}: ${name} must be ${expected.dtype}, got ${tensor.dtype}; convert it with tf.cast(${name}, '${expected.dtype}')`,
    );
  }
}

/** What every region operation asks of its three tensors. */
export function checkRegions(fn: string, features: Tensor4D, boxes: Tensor2D, boxIndices: Tensor1D): void {
  checkTensor(fn, 'features', features, { rank: 4, dtype: 'float32', layout: '[N, H, W, C]' });
  checkTensor(fn, 'boxes', boxes, { rank: 2, dtype: 'float32', layout: '[R, 4]' });
  checkTensor(fn, 'boxIndices', boxIndices, { rank: 1, dtype: 'int32', layout: '[R]' });
  if (boxes.shape[1] !== 4) {
    throw new RangeError(`${fn}: boxes must have 4 columns (x1, y1, x2, y2), got ${boxes.shape[1]}`);
  }
  if (boxIndices.shape[0] !== boxes.shape[0]) {
    throw new RangeError(
      `${fn}: boxIndices must have one entry per box (${boxes.shape[0]}), got ${boxIndices.shape[0]}`,
    );
  }
}
