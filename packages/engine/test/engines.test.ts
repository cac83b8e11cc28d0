import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { autoChoice } from '../src/auto';
import {
  diagnose,
  EngineError,
  settle,
  useEngine,
  type EngineName,
  type EngineReport,
  type EngineStatus,
} from '../src/index';
import { largestDifference } from './onBackend';
import { trainingGradients, trainingStep } from './trainingStep';
import { gpuBytes } from './watchGpu';
import { useSoftwareGpu } from './webgpuInNode';

useSoftwareGpu();

interface Queue {
  queue: { onSubmittedWorkDone(): Promise<unknown> };
}

let report: EngineReport;

beforeAll(async () => {
  await useEngine('wasm'); // neither the first nor the last that diagnose tries
  report = await diagnose();
  for (const engine of report.engines) {
    if (!engine.usable) console.warn(`skipped: engine '${engine.name}': ${engine.reason}. ${engine.cure}`);
  }
}, 120_000);

describe('diagnose', () => {
  it('reports every engine: its speed, or the reason and the cure', () => {
    expect(report.engines.map((engine) => engine.name)).toEqual([
      'tensorflow',
      'webgpu',
      'webgl',
      'wasm',
      'cpu',
    ]);
    for (const engine of report.engines) {
      if (engine.usable) expect(Math.min(engine.gflops, engine.gradientGflops)).toBeGreaterThan(0.001);
      else expect([engine.reason, engine.cure].every((text) => text.length > 5)).toBe(true);
    }
    const usable = report.engines.filter((engine) => engine.usable).map((engine) => engine.name);
    expect(usable).toContain('wasm');
    expect(usable).toContain('cpu');
    expect(usable).not.toContain('webgl');
  });

  it('says what the GPU is, and that a software one is none', async () => {
    const gpu = report.engines.find((engine) => engine.name === 'webgpu')!;
    if (!gpu.usable) return;
    expect(gpu.gpu!.limits.maxStorageBuffersPerShaderStage).toBeGreaterThanOrEqual(8);
    expect(gpu.gpu!.features.every((name) => /^[a-z0-9-]+$/.test(name))).toBe(true);
    expect(gpu.gpu!.featuresInUse).toEqual(gpu.gpu!.features.filter((name) => name === 'subgroups'));
    if (/swiftshader/i.test(gpu.detail)) {
      expect(gpu.gpu!.isSoftware).toBe(true);
      expect(report.auto).not.toBe('webgpu');
    }
  });

  it('takes a GPU only where it trains faster than the CPU, and never a software one', () => {
    const status = (name: EngineName, gflops: number, gradientGflops: number, isSoftware?: boolean) =>
      ({
        usable: true,
        name,
        gflops,
        gradientGflops,
        gpu: isSoftware === undefined ? undefined : { isSoftware },
      }) as EngineStatus;
    const cpu = status('wasm', 40, 40);
    expect(autoChoice([status('webgpu', 1000, 500, false), cpu])).toBe('webgpu');
    expect(autoChoice([status('webgpu', 1000, 500, true), cpu])).toBe('wasm');
    expect(autoChoice([status('webgpu', 1000, 10, false), cpu])).toBe('wasm'); // gradients are two thirds of training
    expect(autoChoice([cpu, status('tensorflow', 90, 90)])).toBe('tensorflow');
    expect(autoChoice([status('webgpu', 1, 1, false)])).toBe('webgpu');
    expect(autoChoice([])).toBe(undefined);
  });

  it('leaves the backend that was current', () => {
    expect(tf.getBackend()).toBe('wasm');
  });
});

describe('useEngine', () => {
  it('takes with auto what diagnose says', async () => {
    const info = await useEngine();
    expect(info.name).toBe(report.auto);
    expect(tf.getBackend()).toBe(info.name);
  });

  it('says what the names are', async () => {
    await expect(useEngine('cuda' as EngineName)).rejects.toThrow(
      'useEngine: name must be one of auto, tensorflow, webgpu, webgl, wasm, cpu, got cuda',
    );
  });

  it('gives the reason and the cure of an engine that cannot work here', async () => {
    const error = await useEngine('webgl').catch((error: unknown) => error);
    expect(error).toBeInstanceOf(EngineError);
    expect(error).toMatchObject({ engine: 'webgl', reason: 'Node has no WebGL' });
  });

  it('takes off the listeners that Emscripten puts on the process', async () => {
    await useEngine('wasm');
    const sources = process.rawListeners('unhandledRejection').map(String);
    expect(sources.filter((source) => source.includes('throw reason'))).toEqual([]);
  });
});

describe.each(['tensorflow', 'webgpu', 'wasm', 'cpu'] as const)('%s', (name) => {
  it('keeps no tensor after 100 training steps', async (context) => {
    const status = report.engines.find((engine) => engine.name === name)!;
    if (!status.usable) return context.skip(`${status.reason}. ${status.cure}`);
    await useEngine(name);
    tf.dispose(trainingStep());
    const held = async () => {
      const bytes = name === 'webgpu' ? await gpuBytes() : 0;
      return [tf.memory().numTensors, tf.memory().numDataBuffers, bytes];
    };
    const before = await held();
    for (let i = 0; i < 100; i++) tf.dispose(trainingStep());
    expect(await held()).toEqual(before);
  });

  it('settles: what was asked for is done', async (context) => {
    const status = report.engines.find((engine) => engine.name === name)!;
    if (!status.usable) return context.skip(`${status.reason}. ${status.cure}`);
    await useEngine(name);
    const before = tf.memory().numTensors;
    const product = tf.tidy(() => tf.matMul(tf.ones([100, 90]), tf.ones([90, 110])));
    await settle();
    const started = performance.now();
    if (name === 'webgpu') await (tf.backend() as unknown as Queue).queue.onSubmittedWorkDone();
    expect(performance.now() - started).toBeLessThan(20); // nothing is left to wait for
    product.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('has the gradients that cpu has', async (context) => {
    const status = report.engines.find((engine) => engine.name === name)!;
    if (!status.usable) return context.skip(`${status.reason}. ${status.cure}`);
    const expected = await gradientsOn('cpu');
    const actual = await gradientsOn(name);
    expected.forEach((values, i) => expect(largestDifference(actual[i]!, values)).toBeLessThan(1e-5));
  });
});

async function gradientsOn(name: EngineName): Promise<Float32Array[]> {
  await useEngine(name);
  return trainingGradients();
}
