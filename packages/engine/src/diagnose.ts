import * as tf from '@tensorflow/tfjs-core';
import { autoChoice } from './auto';
import { engines, startEngine } from './engines/index';
import { EngineError, firstLine } from './engineError';
import { measureSpeed } from './measure';
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
  const auto = autoChoice(statuses);
  const after = before ?? auto;
  if (after !== undefined) await tf.setBackend(after);
  return { runtime: runtimeName(), cores: await coreCount(), tfjs: tf.version_core, auto, engines: statuses };
}

async function examine(engine: Engine, options: EngineOptions): Promise<EngineStatus> {
  try {
    const info = await startEngine(engine, options);
    return { usable: true, ...info, ...(await measureSpeed()) };
  } catch (error) {
    if (error instanceof EngineError) {
      return { usable: false, name: engine.name, reason: error.reason, cure: error.cure };
    }
    return { usable: false, name: engine.name, reason: firstLine(error), cure: 'Reinstall the packages.' };
  }
}
