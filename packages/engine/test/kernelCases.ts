import * as tf from '@tensorflow/tfjs-core';
import { fusedCases, type KernelCase } from './fusedCases';
import { convCases, depthwiseCases, randomTensor, type ConvCase } from './cases';

type Conv = (x: tf.Tensor, filter: tf.Tensor) => tf.Tensor;

/** The output and both gradients, one after the other. */
function gradients(conv: Conv, x: number[], filter: number[]): tf.Tensor {
  return tf.tidy(() => {
    const inputs = [randomTensor(x, 1), randomTensor(filter, 2)] as const;
    const dy = randomTensor(conv(...inputs).shape, 3);
    return joined([conv(...inputs), ...tf.grads(conv)([...inputs], dy)]);
  });
}

const joined = (tensors: tf.Tensor[]): tf.Tensor =>
  tf.concat(tensors.map((tensor) => tf.reshape(tensor, [-1])));

function convGradients(
  name: 'conv2d' | 'depthwiseConv2d',
  example: ConvCase & { dilations?: [number, number] },
): KernelCase {
  const { x, filter, strides, pad, dilations = 1 } = example;
  const op = name === 'conv2d' ? tf.conv2d : (tf.depthwiseConv2d as typeof tf.conv2d);
  const conv: Conv = (x, filter) =>
    op(x as tf.Tensor4D, filter as tf.Tensor4D, strides, pad, 'NHWC', dilations);
  const what = { name: `${name} ${JSON.stringify(example)}`, run: () => gradients(conv, x, filter) };
  return example.dilations === undefined ? what : { ...what, reference: 'wasm' };
}

const explicit: ConvCase['pad'] = [
  [0, 0],
  [2, 1],
  [0, 3],
  [0, 0],
];

/** Larger than a tile, sums that are split over workgroups, strides that differ by axis and reach beyond the filter. */
const moreConvCases: (ConvCase & { dilations?: [number, number] })[] = [
  { x: [1, 9, 19, 20], filter: [3, 3, 20, 40], strides: [1, 1], pad: 'same' },
  { x: [2, 19, 16, 5], filter: [3, 2, 5, 33], strides: [1, 1], pad: 'valid' },
  { x: [1, 16, 17, 6], filter: [7, 7, 6, 8], strides: [2, 2], pad: 3 },
  { x: [1, 9, 11, 12], filter: [1, 1, 12, 18], strides: [2, 3], pad: 'valid' },
  { x: [2, 11, 9, 3], filter: [2, 3, 3, 4], strides: [3, 4], pad: 'same' },
  { x: [1, 13, 12, 4], filter: [3, 3, 4, 6], strides: [1, 1], pad: 'same', dilations: [2, 2] },
  { x: [1, 12, 11, 3], filter: [3, 2, 3, 5], strides: [1, 1], pad: 'valid', dilations: [3, 2] },
  // As a picture: few channels, whose gradient is gathered on webgpu.
  { x: [1, 19, 23, 3], filter: [7, 7, 3, 8], strides: [2, 2], pad: 3 },
  { x: [2, 9, 14, 1], filter: [5, 3, 1, 6], strides: [2, 3], pad: 'same' },
  // More of them, whose gradient is a product: the grid's have at most 16.
  { x: [1, 9, 11, 18], filter: [3, 2, 18, 5], strides: [2, 1], pad: 'same' },
  { x: [2, 8, 7, 20], filter: [2, 3, 20, 4], strides: [2, 3], pad: explicit },
  { x: [1, 13, 12, 17], filter: [3, 3, 17, 4], strides: [1, 1], pad: 'same', dilations: [2, 3] },
  // Of one tap, whose windows are the positions as they lie, and of one whose are not.
  { x: [2, 9, 11, 20], filter: [1, 1, 20, 24], strides: [1, 1], pad: 'valid' },
  { x: [1, 33, 31, 18], filter: [1, 1, 18, 6], strides: [1, 1], pad: 'same' },
  { x: [1, 7, 5, 20], filter: [1, 1, 20, 8], strides: [1, 1], pad: 1 },
];

const moreDepthwiseCases: (ConvCase & { dilations?: [number, number] })[] = [
  { x: [1, 13, 12, 40], filter: [3, 3, 40, 2], strides: [1, 1], pad: 'same', dilations: [2, 3] },
  { x: [2, 17, 19, 5], filter: [5, 3, 5, 1], strides: [2, 2], pad: 'same' },
  { x: [2, 19, 33, 8], filter: [3, 5, 8, 1], strides: [1, 1], pad: 'same' },
];

function maxPoolCase(
  shape: number[],
  size: number,
  stride: number,
  pad: 'same' | 'valid' | number,
): KernelCase {
  return {
    name: `maxPool ${JSON.stringify({ shape, size, stride, pad })}`,
    run: () =>
      tf.tidy(() => {
        // Few different values: most windows have ties.
        const x = tf.round(tf.mul(randomTensor(shape, 4), 2)) as tf.Tensor4D;
        const pool = (x: tf.Tensor) => tf.maxPool(x as tf.Tensor4D, size, stride, pad);
        return tf.grad(pool)(x, randomTensor(pool(x).shape, 5));
      }),
  };
}

function matMulCase(a: number[], b: number[], transposeA: boolean, transposeB: boolean): KernelCase {
  const swapped = (shape: number[]) => [...shape.slice(0, -2), ...shape.slice(-2).reverse()];
  return {
    name: `matMul ${JSON.stringify({ a, b, transposeA, transposeB })}`,
    run: () =>
      tf.tidy(() => {
        const left = randomTensor(transposeA ? swapped(a) : a, 19);
        return tf.matMul(left, randomTensor(transposeB ? swapped(b) : b, 20), transposeA, transposeB);
      }),
  };
}

function sumCase(shape: number[], axis: number[], keepDims: boolean): KernelCase {
  const run = () => tf.tidy(() => tf.sum(randomTensor(shape, 7), axis, keepDims));
  return { name: `sum ${JSON.stringify({ shape, axis, keepDims })}`, run };
}

const kernel = (name: string, inputs: tf.NamedTensorMap, attrs = {}): tf.Tensor | tf.Tensor[] =>
  tf.engine().runKernel(name, inputs, attrs);

/** Kernels that cpu has not; there, what they stand for. */
const ownCases: KernelCase[] = [
  {
    name: 'AddRelu',
    run: () =>
      tf.tidy(() => {
        const [a, b] = [randomTensor([2, 5, 7, 4], 11), randomTensor([2, 5, 7, 4], 12)] as const;
        return tf.getBackend() === 'cpu' ? tf.relu(tf.add(a, b)) : (kernel('AddRelu', { a, b }) as tf.Tensor);
      }),
  },
  {
    name: 'FusedConv2DBackpropFilter',
    run: () =>
      tf.tidy(() => {
        const [x, dy] = [randomTensor([2, 13, 17, 8], 13), randomTensor([2, 13, 17, 36], 14)] as const;
        const attrs = { strides: 1, pad: 'same', dataFormat: 'NHWC', filterShape: [3, 3, 8, 36] };
        const apart = () => [kernel('Conv2DBackpropFilter', { x, dy }, attrs), tf.sum(dy, [0, 1, 2])].flat();
        return joined(
          [
            tf.getBackend() === 'cpu' ? apart() : kernel('FusedConv2DBackpropFilter', { x, dy }, attrs),
          ].flat(),
        );
      }),
  },
];

/** Every fourth: a software GPU takes its time, and four is no divisor of the grids' inner loops. */
const thinned = <Case>(cases: Case[]): Case[] => cases.filter((_, i) => i % 4 === 0);

const booleans = [false, true];
const matrices: [number[], number[]][] = [
  [
    [5, 3],
    [3, 7],
  ],
  [
    [40, 260],
    [260, 33],
  ],
  [
    [1, 513],
    [513, 20],
  ],
  [
    [2, 5, 3],
    [2, 3, 4],
  ],
];

/** Every kernel that the engine adds to webgpu. */
export const kernelCases: KernelCase[] = [
  ...ownCases,
  ...fusedCases,
  ...[...thinned(convCases), ...moreConvCases].map((example) => convGradients('conv2d', example)),
  ...[...thinned(depthwiseCases), ...moreDepthwiseCases].map((example) =>
    convGradients('depthwiseConv2d', example),
  ),
  ...[
    [2, 9, 8, 3],
    [1, 7, 10, 4],
  ].flatMap((shape) =>
    (
      [
        [2, 2, 'same'],
        [3, 2, 'valid'],
        [3, 1, 1],
        [2, 3, 'same'],
      ] as [number, number, 'same' | 'valid' | number][]
    ).map((window) => maxPoolCase(shape, ...window)),
  ),
  ...matrices.flatMap(([a, b]) => booleans.flatMap((ta) => booleans.map((tb) => matMulCase(a, b, ta, tb)))),
  ...(
    [
      [
        [2, 9, 8, 40],
        [0, 1, 2],
      ],
      [[300, 5], [0]],
      [
        [3, 4, 5],
        [0, 1],
      ],
      [[3, 4, 5], [2]],
      [
        [3, 4],
        [0, 1],
      ],
    ] as const
  ).flatMap(([shape, axes]) => booleans.map((keepDims) => sumCase([...shape], [...axes], keepDims))),
  {
    name: 'addN of 47',
    run: () => tf.tidy(() => tf.addN(Array.from({ length: 47 }, (_, i) => randomTensor([3, 5], i + 1)))),
  },
  ...(['relu', 'relu6'] as const).map((name) => ({
    name: `gradient of ${name}`,
    run: () =>
      tf.tidy(() => {
        const x = tf.concat([tf.tensor1d([0, -1, 6, 7, 1e30]), tf.mul(randomTensor([70], 8), 10)]);
        return tf.grad((x) => tf[name](x))(x, randomTensor([75], 9));
      }),
  })),
];
