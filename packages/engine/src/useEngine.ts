import * as tf from '@tensorflow/tfjs-core';
import { autoOrder, engineNamed, startEngine } from './engines/index';
import { firstLine } from './engineError';
import type { EngineInfo, EngineName, EngineOptions } from './types';

/**
 * Brings up a TensorFlow.js backend that can train, and makes it the current one. Calling it again,
 * with the same name or another, is allowed; tensors move to the new backend when they are next used.
 *
 * @param name the engine; `auto` takes the first that works of tensorflow, wasm (Node) or webgpu, webgl, wasm (page)
 * @throws RangeError for an unknown name, EngineError with the reason and the cure when the engine cannot be used
 */
export async function useEngine(
  name: EngineName | 'auto' = 'auto',
  options: EngineOptions = {},
): Promise<EngineInfo> {
  await registerGradients();
  if (name !== 'auto') return startEngine(engineNamed(name), options);
  const problems: string[] = [];
  for (const candidate of autoOrder()) {
    try {
      return await startEngine(engineNamed(candidate), options);
    } catch (error) {
      problems.push(firstLine(error));
    }
  }
  throw new Error(`useEngine: no engine works here: ${problems.join('; ')}`);
}

/**
 * tfjs-core registers no gradients by itself and its list of them is no module that Node can load; tfjs-layers
 * carries it. Without this, `tf.grads` throws "gradient function not found" until somebody imports tfjs-layers.
 */
async function registerGradients(): Promise<void> {
  if (tf.getGradient('Conv2D') === undefined) await import('@tensorflow/tfjs-layers');
}
