import * as tf from '@tensorflow/tfjs-core';

interface WatchedBackend extends tf.KernelBackend {
  device: {
    createComputePipeline(...args: unknown[]): object;
    createBindGroup(...args: unknown[]): object;
  };
  queue: { submit(...args: unknown[]): void; writeBuffer(...args: unknown[]): void };
  recordAndSubmit(...args: unknown[]): void;
  /** Lists of buffers by `size_usage`. */
  bufferManager: { usedBuffers: Map<string, object[]> };
}

/** What the webgpu backend was asked for. */
export interface GpuWork {
  dispatches: number;
  /** Pipelines compiled. */
  pipelines: number;
  bindGroups: number;
  /** Buffers of uniforms written. */
  writes: number;
  submits: number;
  /** Synchronous reads, which Node's WebGPU cannot do. */
  reads: number;
}

/** Counts what the current backend, webgpu, does while `f` runs. */
export async function watchGpu<Result>(
  f: () => Result | Promise<Result>,
): Promise<GpuWork & { result: Result }> {
  const backend = tf.backend() as WatchedBackend;
  const work: GpuWork = { dispatches: 0, pipelines: 0, bindGroups: 0, writes: 0, submits: 0, reads: 0 };
  const restore = [
    count(backend, 'recordAndSubmit', () => work.dispatches++),
    count(backend.device, 'createComputePipeline', () => work.pipelines++),
    count(backend.device, 'createBindGroup', () => work.bindGroups++),
    count(backend.queue, 'writeBuffer', () => work.writes++),
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

interface StubbedBackend extends WatchedBackend {
  recordAndSubmit: WatchedBackend['recordAndSubmit'];
  pipelineCache: object;
  tensorMap: { get(dataId: object): { values: Float32Array | null; shape: number[] } };
  read(dataId: object): Promise<tf.BackendValues>;
  ensureCommandEncoderReady(): void;
  submitQueue(): void;
}

/**
 * Counts dispatches and does none of them, so that steps at full size, or a hundred, take no time on a software GPU:
 * tensors and buffers come and go as ever, and what is read from the GPU is 0.5.
 */
export async function countDispatches(f: () => Promise<unknown>): Promise<number> {
  const backend = tf.backend() as unknown as StubbedBackend;
  const { recordAndSubmit, read, device, pipelineCache } = backend;
  const { createComputePipeline } = device;
  let dispatches = 0;
  Object.assign(backend, {
    recordAndSubmit: () => dispatches++,
    pipelineCache: {},
    read: async (dataId: object) => {
      const { values, shape } = backend.tensorMap.get(dataId);
      if (values !== null && values !== undefined) return values;
      backend.ensureCommandEncoderReady();
      backend.submitQueue(); // after which what was dropped is free
      return new Float32Array(tf.util.sizeFromShape(shape)).fill(0.5);
    },
  });
  device.createComputePipeline = () => ({});
  try {
    await f();
  } finally {
    Object.assign(backend, { recordAndSubmit, read, pipelineCache });
    device.createComputePipeline = createComputePipeline;
  }
  return dispatches;
}

/** Tensors and bytes of GPU buffers that are held. */
const held = async (): Promise<number[]> => [tf.memory().numTensors, await gpuBytes()];

/** What is held at the third step of a training run and at its last, and how much work it was; none of it is done. */
export async function heldBySteps(run: AsyncIterable<{ type: string }>) {
  const after: Record<'first' | 'last', number[]> = { first: [], last: [] };
  let steps = 0;
  const dispatches = await countDispatches(async () => {
    for await (const { type } of run) {
      if (type !== 'step') continue;
      if (++steps === 3) after.first = await held();
      else if (steps > 3) after.last = await held();
    }
  });
  return { after, steps, dispatches };
}

const UNIFORM = 0x40;

/** Bytes of GPU buffers that are held once what was dropped is free, without those of uniforms or those alone. */
export async function gpuBytes(of: 'tensors' | 'uniforms' = 'tensors'): Promise<number> {
  const flush = tf.tidy(() => tf.sum(tf.ones([1025]))); // too large to be computed on the CPU
  await flush.data();
  flush.dispose();
  let bytes = 0;
  for (const [key, buffers] of (tf.backend() as WatchedBackend).bufferManager.usedBuffers) {
    const [size, usage] = key.split('_').map(Number) as [number, number];
    if (of === ((usage & UNIFORM) === 0 ? 'tensors' : 'uniforms')) bytes += size * buffers.length;
  }
  return bytes;
}
