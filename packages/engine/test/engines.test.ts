import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { diagnose, EngineError, type EngineName, type EngineReport, useEngine } from '../src/index';
import { largestDifference } from './onBackend';
import { trainingGradients, trainingStep } from './trainingStep';
import { useSoftwareGpu } from './webgpuInNode';

useSoftwareGpu();

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
      if (engine.usable) expect(engine.gflops).toBeGreaterThan(0.01);
      else expect([engine.reason, engine.cure].every((text) => text.length > 5)).toBe(true);
    }
    const usable = report.engines.filter((engine) => engine.usable).map((engine) => engine.name);
    expect(usable).toContain('wasm');
    expect(usable).toContain('cpu');
    expect(usable).not.toContain('webgl');
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
    const before = tf.memory();
    for (let i = 0; i < 100; i++) tf.dispose(trainingStep());
    expect(tf.memory().numTensors).toBe(before.numTensors);
    expect(tf.memory().numDataBuffers).toBe(before.numDataBuffers);
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
