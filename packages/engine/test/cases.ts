import * as tf from '@tensorflow/tfjs-core';

type Shape4D = [number, number, number, number];
type Pad = 'same' | 'valid' | number | tf.backend_util.ExplicitPadding;

export interface ConvCase {
  x: Shape4D;
  filter: Shape4D;
  strides: [number, number];
  pad: Pad;
}

/** Shapes around the kernels' tile sizes, every stride and padding, maps smaller than the filter. */
export const convCases: ConvCase[] = grid();

function grid(): ConvCase[] {
  const cases: ConvCase[] = [];
  const channels: [number, number][] = [
    [1, 1],
    [3, 8],
    [4, 5],
    [5, 17],
    [8, 4],
    [6, 20],
    [16, 12],
  ];
  const pads: Pad[] = [
    'same',
    'valid',
    1,
    [
      [0, 0],
      [2, 1],
      [0, 3],
      [0, 0],
    ],
  ];
  const strides: [number, number][] = [
    [1, 1],
    [2, 2],
    [1, 3],
  ];
  let i = 0;
  for (const [cin, cout] of channels) {
    for (const pad of pads) {
      for (const stride of strides) {
        const size = i++ % 3 === 0 ? 1 : i % 3 === 1 ? 3 : 2;
        cases.push({
          x: [2, 7, 9, cin],
          filter: [size, size === 2 ? 3 : size, cin, cout],
          strides: stride,
          pad,
        });
      }
    }
  }
  cases.push({ x: [1, 40, 33, 4], filter: [3, 3, 4, 8], strides: [1, 1], pad: 'same' });
  cases.push({ x: [1, 2, 2, 4], filter: [5, 5, 4, 8], strides: [1, 1], pad: 'same' });
  cases.push({ x: [3, 1, 1, 9], filter: [3, 3, 9, 9], strides: [2, 2], pad: 'same' });
  return cases;
}

/** As `convCases`; the multiplier is the last size of the filter. */
export const depthwiseCases: ConvCase[] = depthwiseGrid();

function depthwiseGrid(): ConvCase[] {
  const cases: ConvCase[] = [];
  for (const [channels, multiplier] of [
    [1, 1],
    [3, 2],
    [4, 1],
    [7, 1],
    [20, 1],
    [33, 1],
  ] as const) {
    for (const pad of ['same', 'valid', 1] as const) {
      for (const strides of [
        [1, 1],
        [2, 2],
        [1, 3],
      ] as [number, number][]) {
        cases.push({ x: [2, 7, 9, channels], filter: [3, 3, channels, multiplier], strides, pad });
      }
    }
  }
  cases.push({ x: [1, 40, 33, 16], filter: [3, 3, 16, 1], strides: [1, 1], pad: 'same' });
  cases.push({ x: [2, 2, 2, 4], filter: [5, 5, 4, 1], strides: [1, 1], pad: 'same' });
  return cases;
}

/** Values in [-1, 1), the same for the same seed (mulberry32). */
export function randomTensor(shape: number[], seed: number): tf.Tensor {
  const values = new Float32Array(tf.util.sizeFromShape(shape));
  let state = seed * 0x9e3779b9;
  for (let i = 0; i < values.length; i++) {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    values[i] = ((t ^ (t >>> 14)) >>> 0) / 2147483648 - 1;
  }
  return tf.tensor(values, shape, 'float32');
}
