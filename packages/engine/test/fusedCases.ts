import * as tf from '@tensorflow/tfjs-core';
import { randomTensor } from './cases';

/** A computation to be compared between backends, in Node and in a page. */
export interface KernelCase {
  name: string;
  /** Whose result is right; wasm's dilated gradients, which cpu refuses, are held by finite differences. @default cpu */
  reference?: 'wasm';
  run: () => tf.Tensor;
}

type Activation = 'linear' | 'relu' | 'relu6' | 'elu';

interface Layer {
  x: number[];
  filter: number[];
  activation: Activation;
  bias?: number[];
  strides?: [number, number];
}

/** Sums that are split and not, channels in fours and not, biases of each form, an activation that the stock kernel does. */
const convolutions: Layer[] = [
  { x: [2, 9, 11, 8], filter: [3, 3, 8, 20], activation: 'relu', bias: [20] },
  { x: [1, 7, 6, 132], filter: [3, 3, 132, 20], activation: 'relu', bias: [20] },
  { x: [1, 7, 6, 132], filter: [3, 3, 132, 18], activation: 'relu6', bias: [18] },
  { x: [1, 7, 6, 132], filter: [3, 3, 132, 20], activation: 'linear' },
  { x: [2, 9, 11, 3], filter: [3, 2, 3, 68], activation: 'relu6', bias: [68], strides: [2, 1] },
  { x: [1, 14, 13, 20], filter: [1, 1, 20, 30], activation: 'linear', bias: [30], strides: [2, 2] },
  { x: [2, 13, 7, 36], filter: [1, 1, 36, 44], activation: 'relu6', bias: [44] },
  { x: [1, 8, 7, 5], filter: [2, 2, 5, 6], activation: 'relu', bias: [1] },
  { x: [1, 8, 7, 5], filter: [2, 2, 5, 6], activation: 'elu', bias: [6] },
];

const fusedConvolution = (layer: Layer): KernelCase => ({
  name: `fused conv2d ${JSON.stringify(layer)}`,
  run: () =>
    tf.tidy(() => {
      const { x, filter, activation, bias, strides = [1, 1] } = layer;
      return tf.fused.conv2d({
        x: randomTensor(x, 1) as tf.Tensor4D,
        filter: randomTensor(filter, 2) as tf.Tensor4D,
        strides,
        pad: 'same',
        activation,
        ...(bias === undefined ? {} : { bias: randomTensor(bias, 3) }),
      });
    }),
});

interface Dense {
  a: number[];
  b: number[];
  transposeB?: boolean;
  activation: Activation;
  bias?: number[];
}

const denses: Dense[] = [
  { a: [40, 260], b: [260, 36], activation: 'relu', bias: [36] },
  { a: [5, 33], b: [33, 7], activation: 'relu6', bias: [7] },
  { a: [1, 520], b: [20, 520], transposeB: true, activation: 'linear', bias: [20] },
  { a: [70, 12], b: [12, 70], activation: 'relu' },
  { a: [5, 33], b: [33, 7], activation: 'elu', bias: [7] },
  { a: [3, 8], b: [8, 4], activation: 'relu', bias: [1] },
];

const fusedDense = (layer: Dense): KernelCase => ({
  name: `fused matMul ${JSON.stringify(layer)}`,
  run: () =>
    tf.tidy(() => {
      const { a, b, transposeB = false, activation, bias } = layer;
      return tf.fused.matMul({
        a: randomTensor(a, 4),
        b: randomTensor(b, 5),
        transposeB,
        activation,
        ...(bias === undefined ? {} : { bias: randomTensor(bias, 6) }),
      });
    }),
});

/** Layers with their bias and activation in one kernel. */
export const fusedCases: KernelCase[] = [...convolutions.map(fusedConvolution), ...denses.map(fusedDense)];
