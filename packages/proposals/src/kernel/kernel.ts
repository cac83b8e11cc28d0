import { KERNEL_BASE64 } from './bytes';
import { Arena } from './arena';

/** Functions of kernel/*.ts, where they are documented. Addresses are in bytes. */
export interface KernelExports {
  memory: WebAssembly.Memory;
  convolveRows(
    src: number,
    dst: number,
    width: number,
    height: number,
    half: number,
    radius: number,
    sign: number,
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

let compiled: WebAssembly.Module | undefined;

/** A fresh instance, so that its memory goes when the call that opened it is done. */
export function openKernel(): Kernel {
  compiled ??= new WebAssembly.Module(Uint8Array.from(atob(KERNEL_BASE64), (c) => c.charCodeAt(0)));
  const { exports } = new WebAssembly.Instance(compiled, {});
  const wasm = exports as unknown as KernelExports;
  return { wasm, arena: new Arena(wasm.memory) };
}
