import * as tf from '@tensorflow/tfjs-core';
import { refuseEmptyOutputs } from '../kernels/refuseEmptyOutputs';
import type { Engine, EngineInfo, EngineName, EngineOptions } from '../types';
import { cpu } from './cpu';
import { tensorflow } from './tensorflow';
import { wasm } from './wasm';
import { webgl } from './webgl';
import { webgpu } from './webgpu';

/** Every engine, the fastest first. */
export const engines: readonly Engine[] = [tensorflow, webgpu, webgl, wasm, cpu];

/** The engine of that name; throws for a name there is none of. */
export function engineNamed(name: EngineName): Engine {
  const engine = engines.find((candidate) => candidate.name === name);
  if (engine !== undefined) return engine;
  const names = engines.map((candidate) => candidate.name).join(', ');
  throw new RangeError(`useEngine: name must be one of auto, ${names}, got ${String(name)}`);
}

/** Brings an engine up, with what is the same on every one. */
export async function startEngine(engine: Engine, options: EngineOptions): Promise<EngineInfo> {
  await registerGradients();
  const info = await engine.start(options);
  refuseEmptyOutputs(engine.name);
  return info;
}

/**
 * tfjs-core registers no gradients by itself and its list of them is no module that Node can load; tfjs-layers
 * carries it. Without this, `tf.grads` throws "gradient function not found" until somebody imports tfjs-layers.
 */
async function registerGradients(): Promise<void> {
  if (tf.getGradient('Conv2D') === undefined) await import('@tensorflow/tfjs-layers');
}
