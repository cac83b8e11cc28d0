import * as tf from '@tensorflow/tfjs-core';

/** The part of WebGPUBackend used here. */
interface WebgpuQueue {
  commandEncoder: object | null;
  endComputePassEncoder(): void;
  submitQueue(): void;
  queue: { onSubmittedWorkDone(): Promise<unknown> };
}

/**
 * Waits until the engine has done all that it was given. Kernels of `webgpu` and `webgl` only queue their work: a time
 * taken without this is that of the queueing, and the work is counted wherever somebody next reads a value. For the
 * boundaries that are reported, and only there: the GPU idles meanwhile.
 */
export async function settle(): Promise<void> {
  if (tf.getBackend() === 'webgpu') {
    const backend = tf.backend() as unknown as WebgpuQueue;
    backend.endComputePassEncoder();
    if (backend.commandEncoder) backend.submitQueue();
    await backend.queue.onSubmittedWorkDone();
  } else if (tf.getBackend() === 'webgl') {
    // Work is done in its order; too large to be computed on the CPU.
    const last = tf.tidy(() => tf.neg(tf.ones([64, 64])));
    await last.data();
    last.dispose();
  }
}
