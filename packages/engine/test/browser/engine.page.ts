import * as tf from '@tensorflow/tfjs-core';
import { diagnose, useEngine } from '../../src/index';
import { randomTensor } from '../cases';
import { deviceHas, withoutFeatures } from '../deviceFeatures';
import { kernelCases } from '../kernelCases';
import { largestDifference, onBackend } from '../onBackend';
import { runList } from '../optimizers';
import { trainingGradients, trainingStep } from '../trainingStep';
import { gpuBytes } from '../watchGpu';

const options = { wasmPaths: '/' };

const page = {
  /** The engine's line about itself, or why it does not start. */
  async start(name: Parameters<typeof useEngine>[0]): Promise<string> {
    const info = await useEngine(name, options).catch((error: unknown) => error);
    return info instanceof Error ? info.message : tf.getBackend();
  },
  async gradients(): Promise<number[][]> {
    return (await trainingGradients()).map((values) => [...values]);
  },
  /** Tensors, and on webgpu bytes of GPU buffers, left over by 100 training steps. */
  async leakedByMany(): Promise<number[]> {
    const held = async () => [tf.memory().numTensors, tf.getBackend() === 'webgpu' ? await gpuBytes() : 0];
    tf.dispose(trainingStep());
    const before = await held();
    for (let i = 0; i < 100; i++) tf.dispose(trainingStep());
    return (await held()).map((count, i) => count - before[i]!);
  },
  /** How far the kernels of webgpu are from those of cpu, by name. */
  async differences(): Promise<[string, number][]> {
    for (const name of ['cpu', 'wasm', 'webgpu'] as const) await useEngine(name, options);
    const found: [string, number][] = [];
    // Every third, and the dilated: Node runs all of them on the same driver.
    const some = kernelCases.filter(({ name }, i) => i % 3 === 0 || name.includes('dilations'));
    for (const { name, run, reference = 'cpu' } of some) {
      const expected = await onBackend(reference, run);
      found.push([name, largestDifference(await onBackend('webgpu', run), expected)]);
    }
    return found;
  },
  /** The global norm of two tensors, without and (where the device has them) with subgroups. */
  async norms(): Promise<{ subgroups: boolean; plain: number; used: number; expected: number }> {
    const tensors = [randomTensor([70_000], 1), randomTensor([3, 5], 2)];
    const run = () => runList('GlobalNorm', tensors, {})[0]!;
    const both = [withoutFeatures(run), run()];
    const [plain, used] = await Promise.all(both.map(async (norm) => (await norm.data())[0]!));
    const values = (await Promise.all(tensors.map((tensor) => tensor.data()))).flatMap((list) => [...list]);
    tf.dispose([tensors, both]);
    return { subgroups: deviceHas('subgroups'), plain: plain!, used: used!, expected: Math.hypot(...values) };
  },
  diagnose: () => diagnose(options),
};

export type Page = typeof page;
Object.assign(globalThis, { page });
