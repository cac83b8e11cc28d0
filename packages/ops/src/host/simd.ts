import { simdBinary } from './simdBinary';

type Side = [starts: number, taps: number, count: number];
type Bins = [map: number, cellBytes: number, ...rows: Side, ...columns: Side];

/** assembly/index.ts: loops over a region's bins; pointers are byte offsets into `memory`. */
export interface Simd {
  memory: WebAssembly.Memory;
  max(...args: [...Bins, out: number]): void;
  maxGrad(...args: [...Bins, dy: number, dx: number]): void;
  sum(...args: [...Bins, out: number]): void;
  sumGrad(...args: [...Bins, dy: number, dx: number]): void;
}

let instance: Simd | undefined;

/** The one instance, compiled on first use: 3 kB, which a page may compile synchronously. */
export function simd(): Simd {
  if (!instance) {
    const bytes = Uint8Array.from(atob(simdBinary), (char) => char.charCodeAt(0));
    instance = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports as unknown as Simd;
  }
  return instance;
}

const PAGE = 65536;

/** Lays parts of the given bytes out from address 0, 16-byte aligned, growing the memory where they need it. */
export function layOut(memory: WebAssembly.Memory, parts: number[]): number[] {
  let end = 0;
  const addresses = parts.map((bytes) => {
    const address = end;
    end += Math.ceil(bytes / 16) * 16;
    return address;
  });
  const missing = end - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
  return addresses;
}
