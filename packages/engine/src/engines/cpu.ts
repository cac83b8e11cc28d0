import * as tf from '@tensorflow/tfjs-core';
import type { Engine } from '../types';
import { setBackend } from './setBackend';

/** Plain JavaScript: right everywhere and slow; for tests of kernels. */
export const cpu: Engine = {
  name: 'cpu',
  async start() {
    const { version_cpu } = await import('@tensorflow/tfjs-backend-cpu');
    await setBackend('cpu', 'Reinstall @tensorflow/tfjs-backend-cpu.');
    // Its first use prints an advertisement for tfjs-node.
    (tf.backend() as tf.KernelBackend & { firstUse: boolean }).firstUse = false;
    return { name: 'cpu', version: version_cpu, threads: 1, detail: 'JavaScript' };
  },
};
