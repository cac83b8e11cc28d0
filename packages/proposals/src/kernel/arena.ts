const PAGE = 65536;
/** WebAssembly's 4 GiB. */
const MAX_PAGES = 65536;
/** Vectors of the kernel may read and write this far beyond an array. */
const SLACK = 32;

/** A stack of arrays in a WebAssembly memory. Views are made when asked for: growth detaches older ones. */
export class Arena {
  readonly #memory: WebAssembly.Memory;
  #top = 1024;

  constructor(memory: WebAssembly.Memory) {
    this.#memory = memory;
  }

  /** Everything allocated after `mark` was read can be given back by `release(mark)`. */
  get mark(): number {
    return this.#top;
  }

  release(mark: number): void {
    this.#top = mark;
  }

  /** Address of `bytes` bytes, aligned to 16; their content is arbitrary. */
  alloc(bytes: number): number {
    const at = this.#top;
    this.#top = Math.ceil((at + bytes + SLACK) / 16) * 16;
    const missing = Math.ceil(this.#top / PAGE) - this.#memory.buffer.byteLength / PAGE;
    if (missing > 0) this.#grow(missing);
    return at;
  }

  u8(at: number, length: number): Uint8Array {
    return new Uint8Array(this.#memory.buffer, at, length);
  }

  i32(at: number, length: number): Int32Array {
    return new Int32Array(this.#memory.buffer, at, length);
  }

  f32(at: number, length: number): Float32Array {
    return new Float32Array(this.#memory.buffer, at, length);
  }

  /** Allocates and copies. */
  floats(values: Float32Array): number {
    const at = this.alloc(values.byteLength);
    this.f32(at, values.length).set(values);
    return at;
  }

  #grow(pages: number): void {
    const have = this.#memory.buffer.byteLength / PAGE;
    if (have + pages > MAX_PAGES)
      throw new RangeError(
        'selective search: expected an image that fits 4 GiB of WebAssembly memory; resize it first',
      );
    this.#memory.grow(pages);
  }
}
