import * as tf from '@tensorflow/tfjs-core';

interface WatchedBackend extends tf.KernelBackend {
  device: { createComputePipeline(...args: unknown[]): object };
  queue: { submit(...args: unknown[]): void };
  recordAndSubmit(...args: unknown[]): void;
  bufferManager: { numBytesUsed: number };
}

/** What the webgpu backend was asked for. */
export interface GpuWork {
  dispatches: number;
  /** Pipelines compiled. */
  pipelines: number;
  submits: number;
  /** Synchronous reads, which Node's WebGPU cannot do. */
  reads: number;
}

/** Counts what the current backend, webgpu, does while `f` runs. */
export async function watchGpu<Result>(
  f: () => Result | Promise<Result>,
): Promise<GpuWork & { result: Result }> {
  const backend = tf.backend() as WatchedBackend;
  const work: GpuWork = { dispatches: 0, pipelines: 0, submits: 0, reads: 0 };
  const restore = [
    count(backend, 'recordAndSubmit', () => work.dispatches++),
    count(backend.device, 'createComputePipeline', () => work.pipelines++),
    count(backend.queue, 'submit', () => work.submits++),
    count(backend, 'readSync', () => work.reads++),
  ];
  try {
    return { result: await f(), ...work };
  } finally {
    restore.forEach((undo) => undo());
  }
}

/** Has a method tell of each call. */
function count<Name extends string>(
  of: Record<Name, (...args: never[]) => unknown>,
  name: Name,
  tell: () => void,
): () => void {
  const method = of[name];
  of[name] = function (this: unknown, ...args: never[]) {
    tell();
    return method.apply(of, args);
  };
  return () => {
    of[name] = method;
  };
}

/** Bytes of GPU buffers that tensors hold, once what was dropped is free. */
export async function gpuBytes(): Promise<number> {
  const flush = tf.tidy(() => tf.sum(tf.ones([1025]))); // too large to be computed on the CPU
  await flush.data();
  flush.dispose();
  return (tf.backend() as WatchedBackend).bufferManager.numBytesUsed;
}
