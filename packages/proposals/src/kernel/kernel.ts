import { KERNEL_BASE64 } from './bytes';
import { Arena } from './arena';

/** Functions of kernel/*.ts, where they are documented. Addresses are in bytes. */
interface KernelExports {
  memory: WebAssembly.Memory;
  convolveRows(
    src: number,
    dst: number,
    width: number,
    height: number,
    half: number,
    radius: number,
    odd: boolean,
    line: number,
  ): void;
  convolveColumns(
    src: number,
    dst: number,
    width: number,
    height: number,
    half: number,
    radius: number,
  ): void;
  edgeLevels(
    planes: number,
    channels: number,
    planeBytes: number,
    width: number,
    height: number,
    out: number,
  ): void;
  sortEdges(levels: number, count: number, edges: number, starts: number, next: number): number;
  resetForest(pixels: number, up: number, k: number): void;
  joinSimilar(
    edges: number,
    starts: number,
    width: number,
    up: number,
    k: number,
    refused: number,
    batch: number,
  ): number;
  joinSmall(refused: number, count: number, width: number, up: number, minSize: number): void;
  label(pixels: number, up: number, labels: number): number;
  textureCodes(
    slopes: number,
    blurred: number,
    width: number,
    height: number,
    slope: number,
    blur: number,
    radius: number,
    scale: number,
    base: number,
    stride: number,
    out: number,
  ): void;
  countCodes(
    codes: number,
    stride: number,
    labels: number,
    pixels: number,
    out: number,
    rowBytes: number,
  ): void;
  countColors(plane: number, labels: number, pixels: number, out: number, rowBytes: number): void;
  countsToFloats(rows: number, vectors: number): void;
  measure(labels: number, width: number, height: number, out: number): void;
  touchingPairs(labels: number, width: number, height: number, out: number): number;
  intersection(a: number, b: number, vectors: number, scaleA: number, scaleB: number): number;
  addRows(a: number, b: number, vectors: number): void;
}

/** The WebAssembly functions and the memory they work on. */
export interface Kernel {
  wasm: KernelExports;
  arena: Arena;
}

/** Memory of a photo of about 4 megapixels is kept from call to call: fresh pages cost more than some stages. */
const KEPT_BYTES = 2 ** 28;

let compiled: WebAssembly.Module | undefined;
let idle: Kernel | undefined;

function instantiate(): Kernel {
  compiled ??= new WebAssembly.Module(Uint8Array.from(atob(KERNEL_BASE64), (c) => c.charCodeAt(0)));
  const { exports } = new WebAssembly.Instance(compiled, {});
  const wasm = exports as unknown as KernelExports;
  return { wasm, arena: new Arena(wasm.memory) };
}

/** Lends a kernel with an empty arena to `work`; nothing in its memory outlives the call. */
export function withKernel<T>(work: (kernel: Kernel) => T): T {
  const kernel = idle ?? instantiate();
  idle = undefined;
  const mark = kernel.arena.mark;
  try {
    return work(kernel);
  } finally {
    kernel.arena.release(mark);
    if (kernel.wasm.memory.buffer.byteLength <= KEPT_BYTES) idle = kernel;
  }
}
