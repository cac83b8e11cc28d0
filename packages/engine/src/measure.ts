import * as tf from '@tensorflow/tfjs-core';

/** Channels of a middle layer of a detector's backbone; and its side, or a quarter of it where that would take seconds. */
const CHANNELS = 128;
const SIDE = 28;
const SMALL_SIDE = 7;

/** An engine that takes longer for the small map (0.014 GFLOP) is not given the other. */
const SLOW_MS = 8;

/** Speed of a 3×3 convolution on the current engine, 10⁹ multiplications and additions a second; best of several. */
export interface Speed {
  /** Forward. */
  gflops: number;
  /** Of its two gradients, which are twice the operations. */
  gradientGflops: number;
}

export async function measureSpeed(): Promise<Speed> {
  const [, small] = [await bestTime(forward, SMALL_SIDE), await bestTime(forward, SMALL_SIDE)];
  const side = small > SLOW_MS ? SMALL_SIDE : SIDE;
  const operations = 2 * side * side * 9 * CHANNELS * CHANNELS;
  return {
    gflops: operations / (await bestTime(forward, side)) / 1e6,
    gradientGflops: (2 * operations) / (await bestTime(gradients, side)) / 1e6,
  };
}

type Convolution = (x: tf.Tensor4D, filter: tf.Tensor4D) => tf.Tensor[];

const convolve = (x: tf.Tensor, filter: tf.Tensor) =>
  tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, 'same');
const forward: Convolution = (x, filter) => [convolve(x, filter)];
const gradients: Convolution = (x, filter) => {
  // The kernels alone: through tf.grads the forward pass would be timed too.
  const attrs = { strides: 1, pad: 'same', dataFormat: 'NHWC' };
  const run = (kernel: string, inputs: tf.NamedTensorMap, shape: object): tf.Tensor =>
    tf.engine().runKernel(kernel, inputs, { ...attrs, ...shape });
  return [
    run('Conv2DBackpropFilter', { x, dy: x }, { filterShape: filter.shape }),
    run('Conv2DBackpropInput', { dy: x, filter }, { inputShape: x.shape }),
  ];
};

/** Milliseconds of the best of at least two runs, and as many as a sixth of a second holds. */
async function bestTime(convolution: Convolution, side: number): Promise<number> {
  const x = tf.ones([1, side, side, CHANNELS]) as tf.Tensor4D;
  const filter = tf.ones([3, 3, CHANNELS, CHANNELS]) as tf.Tensor4D;
  let best = Infinity;
  const end = performance.now() + 170;
  for (let run = 0; run < 2 || performance.now() < end; run++) {
    const start = performance.now();
    const results = convolution(x, filter);
    await Promise.all(results.map((result) => result.data()));
    best = Math.min(best, performance.now() - start);
    tf.dispose(results);
  }
  tf.dispose([x, filter]);
  return best;
}
