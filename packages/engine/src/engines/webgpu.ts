import * as tf from '@tensorflow/tfjs-core';
import { EngineError } from '../engineError';
import { isNode } from '../runtime';
import type { Engine } from '../types';
import { setBackend } from './setBackend';

/** The GPU through WebGPU: in pages, and in Node where the npm package `webgpu` is installed. */
export const webgpu: Engine = {
  name: 'webgpu',
  async start() {
    if (isNode()) {
      throw new EngineError('webgpu', { reason: 'Node has no WebGPU', cure: "Use 'wasm' or 'tensorflow'." });
    }
    await import('@tensorflow/tfjs-backend-webgpu');
    await setBackend('webgpu', "Use a browser with WebGPU (Chrome 113, Safari 26, Firefox 141) or 'webgl'.");
    return { name: 'webgpu', version: tf.version_core, threads: 0, detail: 'WebGPU' };
  },
};
