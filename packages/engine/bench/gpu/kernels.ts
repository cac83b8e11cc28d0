import * as tf from '@tensorflow/tfjs-core';
import { mulberry32 } from '../../../geometry/src/index';
import { roiPool } from '../../../ops/src/index';
import type { Stopwatch, Timing } from './timing';

/** Sizes are divided by this where a software GPU only shows that everything runs. */
export type Shrink = (size: number) => number;

const random = (shape: number[]): tf.Tensor => tf.randomUniform(shape, -1, 1, 'float32', 1);

/** Map, channels in and out: the layers of a detector's backbone. */
const convolutions: [
  height: number,
  width: number,
  inputs: number,
  outputs: number,
  size: number,
  stride: number,
][] = [
  [56, 56, 128, 128, 3, 1],
  [119, 159, 64, 16, 1, 1],
  [119, 159, 16, 64, 3, 1],
  [38, 50, 256, 256, 3, 1],
  [14, 14, 512, 512, 3, 1],
  [56, 56, 128, 256, 3, 2],
];

export async function timeKernels(shrink: Shrink, watch: Stopwatch): Promise<Timing[]> {
  const timings: Timing[] = [];
  const small = random([4]);
  timings.push(await watch.time('empty call', () => tf.add(small, small)));
  for (const layer of convolutions) timings.push(...(await timeConvolution(layer, shrink, watch)));
  timings.push(
    await timeStack(shrink, watch),
    ...(await timeMaxPool(shrink, watch)),
    ...(await timeDense(shrink, watch)),
  );
  for (const boxes of [2000, 128]) timings.push(...(await timeRoiPool(shrink, shrink(boxes), watch)));
  small.dispose();
  return timings;
}

const run = (kernel: string, inputs: tf.NamedTensorMap, attrs: object): tf.Tensor =>
  tf.engine().runKernel(kernel, inputs, attrs as tf.NamedAttrMap);

async function timeConvolution(
  layer: (typeof convolutions)[number],
  shrink: Shrink,
  watch: Stopwatch,
): Promise<Timing[]> {
  const [height, width, inputs, outputs, size, strides] = layer;
  const x = random([1, shrink(height), shrink(width), inputs]) as tf.Tensor4D;
  const filter = random([size, size, inputs, outputs]) as tf.Tensor4D;
  const dy = tf.conv2d(x, filter, strides, 'same');
  const attrs = { strides, pad: 'same', dataFormat: 'NHWC' };
  const name = `conv ${size}×${size}/${strides} ${height}×${width} ${inputs}→${outputs}`;
  const timings = [
    await watch.time(`${name} forward`, () => tf.conv2d(x, filter, strides, 'same')),
    await watch.time(`${name} by filter`, () =>
      run('Conv2DBackpropFilter', { x, dy }, { ...attrs, filterShape: filter.shape }),
    ),
    await watch.time(`${name} by input`, () =>
      run('Conv2DBackpropInput', { dy, filter }, { ...attrs, inputShape: x.shape }),
    ),
  ];
  tf.dispose([x, filter, dy]);
  return timings;
}

/** Fifty layers one after the other. */
async function timeStack(shrink: Shrink, watch: Stopwatch): Promise<Timing> {
  const x = random([1, shrink(56), shrink(56), 128]) as tf.Tensor4D;
  const filter = tf.tidy(() => tf.mul(random([3, 3, 128, 128]), 0.02)) as tf.Tensor4D;
  const timing = await watch.time('50 × conv 3×3 56²×128²', () => {
    let y = x;
    for (let i = 0; i < 50; i++) y = tf.conv2d(y, filter, 1, 'same');
    return y;
  });
  tf.dispose([x, filter]);
  return timing;
}

async function timeMaxPool(shrink: Shrink, watch: Stopwatch): Promise<Timing[]> {
  const x = random([2, shrink(239), shrink(319), 64]) as tf.Tensor4D;
  const output = tf.maxPool(x, 3, 2, 'same');
  const attrs = { filterSize: 3, strides: 2, pad: 'same' };
  const timings = [
    await watch.time('max pool 3×3/2 2×239×319×64 forward', () => tf.maxPool(x, 3, 2, 'same')),
    await watch.time('max pool 3×3/2 2×239×319×64 backward', () =>
      run('MaxPoolGrad', { dy: output, input: x, output }, attrs),
    ),
  ];
  tf.dispose([x, output]);
  return timings;
}

/** fc6 of the Fast R-CNN head of recipes/bccd.json: 128 regions of 7·7·96 to 512. */
async function timeDense(shrink: Shrink, watch: Stopwatch): Promise<Timing[]> {
  const [x, weights] = [random([128, shrink(4704)]), random([shrink(4704), 512])];
  const dy = tf.matMul(x, weights);
  const timings = [
    await watch.time('dense 128×4704→512 forward', () => tf.matMul(x, weights)),
    await watch.time('dense 128×4704→512 by weights', () => tf.matMul(x, dy, true, false)),
    await watch.time('dense 128×4704→512 by input', () => tf.matMul(dy, weights, false, true)),
  ];
  tf.dispose([x, weights, dy]);
  return timings;
}

async function timeRoiPool(shrink: Shrink, count: number, watch: Stopwatch): Promise<Timing[]> {
  const features = random([1, 38, 63, shrink(512)]) as tf.Tensor4D;
  const draw = mulberry32(1);
  const corners = Array.from({ length: count }, () => {
    const [x, y] = [
      [draw(), draw()],
      [draw(), draw()],
    ].map((ends) => ends.sort((a, b) => a - b)) as [number[], number[]];
    return [x[0]! * 1008, y[0]! * 608, x[1]! * 1008, y[1]! * 608];
  });
  const boxes = tf.tensor2d(corners);
  const indices = tf.zeros([count], 'int32') as tf.Tensor1D;
  const options = { outputSize: 7, spatialScale: 1 / 16 };
  const dy = roiPool(features, boxes, indices, options);
  const attrs = { ...options, outputSize: [7, 7] };
  const inputs = { dy, features, boxes, boxIndices: indices };
  const name = `RoI max pool ${count} boxes 38×63×512`;
  const timings = [
    await watch.time(`${name} forward`, () => roiPool(features, boxes, indices, options)),
    await watch.time(`${name} backward`, () => run('RoiPoolGrad', inputs, attrs)),
  ];
  tf.dispose([features, boxes, indices, dy]);
  return timings;
}
