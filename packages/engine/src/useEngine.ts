import { startAuto } from './auto';
import { engineNamed, startEngine } from './engines/index';
import type { EngineInfo, EngineName, EngineOptions } from './types';

/** The backend is one for all of a program: of two calls at once the second waits, and has the last word. */
let latest: Promise<unknown> = Promise.resolve();

/**
 * Brings up a TensorFlow.js backend that can train, and makes it the current one. Calling it again,
 * with the same name or another, is allowed, also before the first call has returned: calls take their turns, and the last
 * one counts. Tensors move to the new backend when they are next used.
 *
 * @param name the engine; `auto` takes the first that works of tensorflow, wasm (Node) or webgpu, webgl, wasm (page); in Node
 * webgpu before them, where there is a GPU that is measured to be faster
 * @throws RangeError for an unknown name, EngineError with the reason and the cure when the engine cannot be used
 */
export async function useEngine(
  name: EngineName | 'auto' = 'auto',
  options: EngineOptions = {},
): Promise<EngineInfo> {
  const start = () => (name === 'auto' ? startAuto(options) : startEngine(engineNamed(name), options));
  const info = latest.then(start);
  latest = info.catch(() => undefined);
  return info;
}
