import * as tf from '@tensorflow/tfjs-core';
import { autoOrder, engines, startEngine } from './engines/index';
import { EngineError, firstLine } from './engineError';
import { coreCount, runtimeName } from './runtime';
import type { Engine, EngineOptions, EngineReport, EngineStatus } from './types';

/**
 * Tries every engine and measures those that work: which are usable, why not the others, and what to do.
 * It really starts them (a second or two in all); the backend that was current is current again afterwards.
 */
export async function diagnose(options: EngineOptions = {}): Promise<EngineReport> {
  const before = tf.engine().backendName;
  const statuses: EngineStatus[] = [];
  for (const engine of engines) statuses.push(await examine(engine, options));
  const usable = new Set(statuses.filter((status) => status.usable).map((status) => status.name));
  const auto = autoOrder().find((name) => usable.has(name));
  const after = before ?? auto;
  if (after !== undefined) await tf.setBackend(after);
  return { runtime: runtimeName(), cores: await coreCount(), tfjs: tf.version_core, auto, engines: statuses };
}

async function examine(engine: Engine, options: EngineOptions): Promise<EngineStatus> {
  try {
    const info = await startEngine(engine, options);
    return { usable: true, ...info, gflops: await measureGflops() };
  } catch (error) {
    if (error instanceof EngineError) {
      return { usable: false, name: engine.name, reason: error.reason, cure: error.cure };
    }
    return { usable: false, name: engine.name, reason: firstLine(error), cure: 'Reinstall the packages.' };
  }
}

/** 2 · 28 · 28 · 3 · 3 · 128 · 128 operations: a middle layer of a detector's backbone, 0.2 s in plain JavaScript. */
const side = 28;
const channels = 128;
const operations = 2 * side * side * 9 * channels * channels;

/** Speed of a 3×3 convolution on the current backend, 10⁹ multiplications and additions a second; best of several. */
async function measureGflops(): Promise<number> {
  const x = tf.ones([1, side, side, channels]) as tf.Tensor4D;
  const filter = tf.ones([3, 3, channels, channels]) as tf.Tensor4D;
  let best = Infinity;
  const end = performance.now() + 300;
  for (let run = 0; run < 3 || performance.now() < end; run++) {
    const start = performance.now();
    const y = tf.conv2d(x, filter, 1, 'same');
    await y.data();
    best = Math.min(best, performance.now() - start);
    y.dispose();
  }
  tf.dispose([x, filter]);
  return operations / best / 1e6;
}
