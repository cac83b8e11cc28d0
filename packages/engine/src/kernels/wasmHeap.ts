import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { DataType, TensorInfo } from '@tensorflow/tfjs-core';
import { kernelModule, threadedKernelModule } from './kernelModule';

/** The functions of assembly/; every pointer is a byte address in the backend's memory. */
export interface WasmKernels {
  convGradFilter(x: number, dy: number, dw: number, ...geometry: number[]): void;
  depthwiseGradFilter(x: number, dy: number, dw: number, ...geometry: number[]): void;
  copyRows(from: number, to: number, rows: number, count: number, fromStep: number, toStep: number): void;
  maxPoolGrad(x: number, dy: number, dx: number, ...geometry: number[]): void;
  reluGrad(dy: number, x: number, dx: number, count: number, limit: number): void;
  sumRows(x: number, out: number, rows: number, columns: number): void;
  transpose(from: number, to: number, rows: number, columns: number): void;
  depthwiseGradInput(dy: number, filter: number, dx: number, ...geometry: number[]): void;
}

let kernels: WasmKernels | undefined;
let kernelsMemory: WebAssembly.Memory | undefined;

/** Instantiates our kernels on the memory of the wasm backend, so that they read and write its tensors in place. */
export async function loadWasmKernels(backend: BackendWasm): Promise<void> {
  const memory = backendMemory(backend);
  if (memory === kernelsMemory) return;
  const bytes = Uint8Array.from(atob(isShared(memory) ? threadedKernelModule : kernelModule), (character) =>
    character.charCodeAt(0),
  );
  const { instance } = await WebAssembly.instantiate(bytes, { env: { memory } });
  kernels = instance.exports as unknown as WasmKernels;
  kernelsMemory = memory;
}

/** Our kernels; they are there once `useEngine('wasm')` has returned. */
export function wasmKernels(): WasmKernels {
  return kernels!;
}

/** Emscripten keeps the exports of its module, the memory among them, as `asm`; the threaded build has it apart. */
function backendMemory(backend: BackendWasm): WebAssembly.Memory {
  const module = backend.wasm as unknown as {
    asm?: { memory: WebAssembly.Memory };
    wasmMemory?: WebAssembly.Memory;
  };
  return module.wasmMemory ?? module.asm!.memory;
}

function isShared(memory: WebAssembly.Memory): boolean {
  return typeof SharedArrayBuffer !== 'undefined' && (memory.buffer as object) instanceof SharedArrayBuffer;
}

/** Where a tensor's values begin in the backend's memory, in bytes. */
export function pointerOf(backend: BackendWasm, tensor: TensorInfo): number {
  return backend.getMemoryOffset(tensor.dataId as object);
}

/** A new tensor of zeros. */
export function makeZeros(backend: BackendWasm, shape: number[], dtype: DataType = 'float32'): TensorInfo {
  const out = backend.makeOutput(shape, dtype);
  backend.typedArrayFromHeap(out).fill(0);
  return out;
}
