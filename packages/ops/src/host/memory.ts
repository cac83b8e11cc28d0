import type { DataId, KernelBackend, TensorInfo } from '@tensorflow/tfjs-core';

/**
 * How a backend whose tensors lie in ordinary memory (cpu, wasm, tensorflow) hands them to JavaScript. Backend packages
 * are named here and typed by hand, so that none is loaded that the caller did not choose.
 */
export interface HostMemory {
  /** The values of a tensor; on wasm a view that the next allocation may detach. */
  read(info: TensorInfo): Float32Array | Int32Array;
  /** A new float32 tensor; `fill` writes every value of it, and reads what it needs itself (see `read`). */
  output(shape: number[], fill: (values: Float32Array) => void): TensorInfo;
}

interface SyncBackend extends KernelBackend {
  readSync(dataId: DataId): Float32Array | Int32Array;
  write(values: Float32Array, shape: number[], dtype: 'float32'): DataId;
}

interface WasmBackend extends KernelBackend {
  typedArrayFromHeap(info: TensorInfo): Float32Array | Int32Array;
  makeOutput(shape: number[], dtype: 'float32'): TensorInfo;
}

const sizeOf = (shape: number[]): number => shape.reduce((product, side) => product * side, 1);

function arrays(backend: SyncBackend): HostMemory {
  return {
    read: (info) => backend.readSync(info.dataId),
    output(shape, fill) {
      const values = new Float32Array(sizeOf(shape));
      fill(values);
      return { dataId: backend.write(values, shape, 'float32'), shape, dtype: 'float32' };
    },
  };
}

function heap(backend: WasmBackend): HostMemory {
  return {
    read: (info) => backend.typedArrayFromHeap(info),
    output(shape, fill) {
      const info = backend.makeOutput(shape, 'float32');
      fill(backend.typedArrayFromHeap(info) as Float32Array);
      return info;
    },
  };
}

/** The backends whose tensors the host kernels can read, and how. */
export const hostMemories: Record<string, (backend: KernelBackend) => HostMemory> = {
  cpu: (backend) => arrays(backend as SyncBackend),
  tensorflow: (backend) => arrays(backend as SyncBackend),
  wasm: (backend) => heap(backend as WasmBackend),
};
