// What the two gradients of every convolution of the bench's nets cost on webgpu, as multiples of its forward pass:
//   npx tsx --conditions=@roikit/source bench/convolutions.bench.ts [--full]
// On a software GPU times are of the CPU, which other work on the machine does not change, and maps are a quarter as
// large unless --full is said. Operations are equal: each gradient has its forward's.
import * as tf from '@tensorflow/tfjs-core';
import { settle, useEngine } from '../src/index';
import { useSoftwareGpu } from '../test/webgpuInNode';
import { nameOf, netConvolutions, operationsOf, type NetConvolution } from './gpu/netConvolutions';

useSoftwareGpu();
const { detail, gpu } = await useEngine('webgpu');
const isSoftware = gpu!.isSoftware;
const isFull = process.argv.includes('--full') || !isSoftware;
const shrink = (side: number) => (isFull ? side : Math.max(Math.min(side, 7), Math.ceil(side / 2)));

/** Milliseconds of the CPU where it plays the GPU's part (the driver's threads are this process's), else of the clock. */
function now(): number {
  const { user, system } = process.cpuUsage();
  return isSoftware ? (user + system) / 1000 : performance.now();
}

/** The least of four rounds, in which the functions take turns, after one that compiles. */
async function bestTimes(functions: (() => tf.Tensor)[]): Promise<number[]> {
  const best = functions.map(() => Infinity);
  for (let round = 0; round < 5; round++) {
    for (const [i, f] of functions.entries()) {
      await settle();
      const start = now();
      f().dispose();
      await settle();
      if (round > 0) best[i] = Math.min(best[i]!, now() - start);
    }
  }
  return best;
}

async function measure(convolution: NetConvolution) {
  const { kind, strides, pad } = convolution;
  const x = tf.randomUniform(convolution.x, -1, 1, 'float32', 1) as tf.Tensor4D;
  const filter = tf.randomUniform(convolution.filter, -1, 1, 'float32', 2) as tf.Tensor4D;
  const op = kind === 'conv2d' ? tf.conv2d : (tf.depthwiseConv2d as typeof tf.conv2d);
  const dy = op(x, filter, strides, pad);
  const prefix = kind === 'conv2d' ? 'Conv2DBackprop' : 'DepthwiseConv2dNativeBackprop';
  const run = (name: string, inputs: tf.NamedTensorMap, shapes: object): tf.Tensor =>
    tf
      .engine()
      .runKernel(prefix + name, inputs, { strides, pad, dilations: 1, dataFormat: 'NHWC', ...shapes });
  const [forward, byFilter, byInput] = (await bestTimes([
    () => op(x, filter, strides, pad),
    () => run('Filter', { x, dy }, { filterShape: filter.shape }),
    () => run('Input', { dy, filter }, { inputShape: x.shape }),
  ])) as [number, number, number];
  tf.dispose([x, filter, dy]);
  return { convolution, forward, byFilter, byInput };
}

const rounded = (ms: number): string => ms.toPrecision(3);
console.log(`${detail}, ${isSoftware ? 'ms of the CPU' : 'ms'}${isFull ? '' : ', maps of a quarter'}`);
for (const [net, convolutions] of netConvolutions(shrink)) {
  console.log(`\n| ${net} | MFLOP | forward | by filter | by input | × forward |\n|---|--:|--:|--:|--:|--:|`);
  const sums = { forward: 0, byFilter: 0, byInput: 0 };
  for (const convolution of convolutions) {
    const { forward, byFilter, byInput } = await measure(convolution);
    sums.forward += forward;
    sums.byFilter += byFilter;
    sums.byInput += byInput;
    const ratios = [byFilter, byInput].map((ms) => (ms / forward).toFixed(1)).join(', ');
    const times = [forward, byFilter, byInput].map(rounded).join(' | ');
    console.log(
      `| ${nameOf(convolution)} | ${(operationsOf(convolution) / 1e6).toFixed(0)} | ${times} | ${ratios} |`,
    );
  }
  const ratios = [sums.byFilter, sums.byInput].map((ms) => (ms / sums.forward).toFixed(1)).join(', ');
  console.log(
    `| all | | ${[sums.forward, sums.byFilter, sums.byInput].map(rounded).join(' | ')} | ${ratios} |`,
  );
}
