import * as tf from '@tensorflow/tfjs-core';
import { EngineError } from '../engineError';
import { isNode } from '../runtime';
import type { Engine } from '../types';
import { setBackend } from './setBackend';

/** The GPU through WebGL 2: pages only. */
export const webgl: Engine = {
  name: 'webgl',
  async start() {
    if (isNode()) {
      throw new EngineError('webgl', { reason: 'Node has no WebGL', cure: "Use 'wasm' or 'tensorflow'." });
    }
    const { version_webgl } = await importBackend();
    await setBackend('webgl', "Turn hardware acceleration on in the browser's settings, or use 'wasm'.");
    return {
      name: 'webgl',
      version: version_webgl,
      threads: 0,
      detail: `WebGL ${tf.env().getNumber('WEBGL_VERSION')}`,
    };
  },
};

/** In a `try`, by which bundlers know that a page may do without it. */
async function importBackend() {
  try {
    return await import('@tensorflow/tfjs-backend-webgl');
  } catch (cause) {
    const cure = "Install @tensorflow/tfjs-backend-webgl, or use 'wasm'.";
    throw new EngineError('webgl', { reason: 'its package could not be loaded', cure }, { cause });
  }
}
