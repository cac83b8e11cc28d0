import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { useEngine } from '../src/index';
import { randomTensor } from './cases';
import { startWebgpu } from './webgpuInNode';

const started = await startWebgpu();

beforeAll(async () => {
  await useEngine('cpu');
  await useEngine('wasm');
});

type Pad = number | 'same' | 'valid';
interface Example {
  x: [number, number, number, number];
  filter: [number, number, number, number];
  strides?: number | [number, number];
  dilations?: number | [number, number];
  pad: Pad;
}

const examples: Example[] = [
  { x: [2, 7, 8, 5], filter: [3, 3, 5, 9], pad: 'same' },
  { x: [1, 9, 8, 4], filter: [3, 2, 4, 3], strides: 2, pad: 'valid' },
  { x: [1, 9, 8, 4], filter: [5, 5, 4, 6], strides: [2, 3], pad: 2 },
  { x: [2, 9, 10, 4], filter: [3, 3, 4, 6], dilations: 2, pad: 'same' },
  { x: [1, 12, 11, 3], filter: [3, 2, 3, 5], dilations: [3, 2], pad: 'valid' },
  { x: [1, 8, 8, 3], filter: [3, 3, 3, 5], dilations: 2, pad: 1 },
  // webgpu has a kernel for up to 16 input channels, and one for more.
  { x: [1, 13, 11, 3], filter: [7, 5, 3, 8], strides: 2, pad: 'same' },
  { x: [1, 9, 7, 18], filter: [3, 2, 18, 4], strides: [2, 3], pad: 'same' },
  { x: [1, 9, 8, 17], filter: [3, 2, 17, 3], dilations: [2, 3], pad: 'valid' },
];

function conv(name: string, { strides = 1, dilations = 1, pad }: Example) {
  const op = name === 'conv2d' ? tf.conv2d : (tf.depthwiseConv2d as typeof tf.conv2d);
  return (x: tf.Tensor, filter: tf.Tensor) =>
    op(x as tf.Tensor4D, filter as tf.Tensor4D, strides, pad, 'NHWC', dilations as number);
}

/** Σ conv(x, filter) · dy on the cpu backend, summed in double precision. */
function project(of: ReturnType<typeof conv>, inputs: tf.Tensor[], dy: Float32Array): number {
  const y = tf.tidy(() => of(inputs[0]!, inputs[1]!));
  const values = y.dataSync<'float32'>();
  y.dispose();
  return values.reduce((sum, value, i) => sum + value * dy[i]!, 0);
}

/** Change of the projection when one value of one input grows by 1; exact, for a convolution is linear in each. */
function difference(
  of: ReturnType<typeof conv>,
  inputs: tf.Tensor[],
  which: number,
  index: number,
  dy: Float32Array,
) {
  const values = inputs[which]!.dataSync<'float32'>().slice();
  values[index]! += 1;
  const moved = tf.tensor(values, inputs[which]!.shape);
  const change = project(of, inputs.with(which, moved), dy) - project(of, inputs, dy);
  moved.dispose();
  return change;
}

describe.each([
  ['conv2d', 'wasm', true],
  ['depthwiseConv2d', 'wasm', true],
  ['conv2d', 'webgpu', started],
  ['depthwiseConv2d', 'webgpu', started],
] as const)('gradients of %s on %s', (name, backend, there) => {
  it.skipIf(!there).each(examples)('are the finite differences of the cpu backend: %j', async (example) => {
    const of = conv(name, example);
    const filterShape = name === 'conv2d' ? example.filter : example.filter.with(3, 2);
    await tf.setBackend(backend);
    const inputs = [randomTensor(example.x, 21), randomTensor(filterShape, 22)];
    const dy = tf.tidy(() => randomTensor(of(inputs[0]!, inputs[1]!).shape, 23));
    const gradients = tf.tidy(() =>
      tf.grads((x: tf.Tensor, filter: tf.Tensor) => of(x, filter))(inputs as never, dy),
    );
    const analytic = await Promise.all(gradients.map((gradient) => gradient.data<'float32'>()));
    // Read while their backend is the current one: WebGPU in Node reads asynchronously only.
    await Promise.all([...inputs, dy].map((tensor) => tensor.data()));
    await tf.setBackend('cpu');
    for (const which of [0, 1]) {
      const step = Math.ceil(inputs[which]!.size / 40);
      for (let index = 0; index < inputs[which]!.size; index += step) {
        const expected = difference(of, inputs, which, index, dy.dataSync<'float32'>());
        expect(Math.abs(analytic[which]![index]! - expected)).toBeLessThan(2e-5 * (1 + Math.abs(expected)));
      }
    }
    tf.dispose([inputs, gradients, dy]);
  });
});
