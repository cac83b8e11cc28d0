// What queueing costs the CPU on webgpu: everything but the GPU's own work, on Dawn's null device, which does none.
// npx tsx --conditions=@roikit/source bench/queueing.bench.ts   (wants the npm package webgpu)
import * as tf from '@tensorflow/tfjs-core';
import { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { fuse, resnet50, squeezenet1_1 } from '../../backbones/src/index';
import { settle, useEngine } from '../src/index';
import { watchGpu } from '../test/watchGpu';
import { useSoftwareGpu } from '../test/webgpuInNode';
import { timeDetector } from './gpu/detector';
import type { Stopwatch } from './gpu/timing';

const RUNS = 200;

type Device = ConstructorParameters<typeof WebGPUBackend>[0];

interface Gpu {
  requestAdapter(): Promise<{ requestDevice(): Promise<Device> }>;
}

interface Dawn {
  create(flags: string[]): Gpu;
  globals: object;
}

interface ReadBackend {
  tensorMap: { get(dataId: object): { values: tf.BackendValues | null } };
  read(dataId: object): Promise<Float32Array>;
}

/** Lives as long as the process: Dawn's objects must not outlive it. */
let gpu: Gpu;

/** A device whose maps are at most 512 MB. */
async function useNullDevice(): Promise<void> {
  const { create, globals } = (await import('webgpu' as string)) as Dawn;
  Object.assign(globalThis, globals);
  gpu = create(['backend=null']);
  Object.defineProperty(globalThis, 'navigator', { value: { gpu }, configurable: true }); // where it is asked for
  const device = await (await gpu.requestAdapter()).requestDevice();
  tf.registerBackend('webgpu', () => new WebGPUBackend(device));
  await tf.setBackend('webgpu'); // a backend that runs already keeps its device
  useSoftwareGpu(); // for what useEngine asks of an adapter
  await useEngine('webgpu');
  const backend = tf.backend() as unknown as ReadBackend;
  const { read } = backend;
  // Memory that nobody wrote may hold anything, and a detector refuses NaN.
  backend.read = async (dataId: object) => {
    const onCpu = backend.tensorMap.get(dataId).values != null;
    const values = await read.call(backend, dataId);
    return onCpu ? values : values.slice().fill(0.25);
  };
}

/** Times one call among others, until the queue is empty; the least is what the machine does undisturbed. */
async function time(name: string, call: () => Promise<unknown>): Promise<void> {
  for (let i = 0; i < RUNS / 2; i++) await call();
  const { dispatches, bindGroups, writes } = await watchGpu(call);
  const times: number[] = [];
  for (let i = 0; i < RUNS; i++) {
    const start = performance.now();
    await call();
    times.push(performance.now() - start);
    await settle();
  }
  times.sort((a, b) => a - b);
  const perDispatch = ((1000 * times[0]!) / dispatches).toFixed(0);
  console.log(
    `${name}: ${times[0]!.toFixed(2)} ms at least, median ${times[RUNS >> 1]!.toFixed(2)}; ${dispatches} dispatches of ${perDispatch} µs, ${bindGroups} bind groups made, ${writes} writes`,
  );
}

await useNullDevice();
for (const create of [squeezenet1_1, resnet50]) {
  const model = create({ inputShape: [224, 224, 3] });
  const fused = fuse(model);
  const image = tf.randomUniform([1, 224, 224, 3], -1, 1, 'float32', 1) as tf.Tensor4D;
  await time(`${create.name} fused`, async () => tf.tidy(() => void fused.predict(image)));
  tf.dispose(image);
  fused.dispose();
  model.dispose();
}
const watch = { timeAsync: time } as unknown as Stopwatch;
await timeDetector((size) => (size > 1000 ? size : size / 4), watch);
process.exit();
