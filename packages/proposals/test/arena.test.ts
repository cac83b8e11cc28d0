import { describe, expect, test } from 'vitest';
import { Arena } from '../src/kernel/arena';
import { withKernel } from '../src/kernel/kernel';

const fresh = (pages = 1) => {
  const memory = new WebAssembly.Memory({ initial: pages });
  return { memory, arena: new Arena(memory) };
};

describe('the arena', () => {
  test('begins above what the kernel keeps for itself, at multiples of 16, with room for a vector beyond', () => {
    const { arena } = fresh();
    const [first, second, third] = [arena.alloc(1), arena.alloc(100), arena.alloc(16)] as const;
    expect(first).toBe(1024);
    expect(second).toBe(1072); // 1 + 32 bytes, to the next multiple of 16
    expect(third).toBe(1216); // 100 + 32
    expect(arena.mark).toBe(1264);
  });

  test('gives back all since a mark', () => {
    const { arena } = fresh();
    arena.alloc(10);
    const { mark } = arena;
    const at = arena.alloc(50);
    arena.release(mark);
    expect(arena.alloc(7)).toBe(at);
  });

  test('grows by the pages that are missing and keeps what is there', () => {
    const { arena, memory } = fresh();
    arena.floats(Float32Array.of(1.5, -2));
    expect(memory.buffer.byteLength).toBe(65536);
    const at = arena.alloc(65536);
    expect(memory.buffer.byteLength).toBe(2 * 65536);
    expect([...arena.f32(1024, 2)]).toEqual([1.5, -2]);
    arena.u8(at, 65536).fill(7);
    expect(arena.i32(at, 1)[0]).toBe(0x07070707);
    arena.alloc(3 * 65536);
    expect(memory.buffer.byteLength).toBe(5 * 65536); // 4.02 pages
  });

  test('more than WebAssembly has is an error that says what to do', () => {
    const { arena, memory } = fresh();
    expect(() => arena.alloc(2 ** 32)).toThrow(/fits 4 GiB of WebAssembly memory; resize it/);
    expect(memory.buffer.byteLength).toBe(65536);
  });
});

describe('withKernel', () => {
  test('a call within a call has memory of its own', () => {
    withKernel((outer) => {
      const at = outer.arena.floats(Float32Array.of(3));
      withKernel((inner) => inner.arena.floats(Float32Array.of(4)));
      expect(outer.arena.f32(at, 1)[0]).toBe(3);
    });
  });

  test('one memory serves call after call, and begins empty after an error too', () => {
    const first = withKernel(({ arena, wasm }) => ({ memory: wasm.memory, mark: arena.mark }));
    expect(() =>
      withKernel(({ arena }) => {
        arena.alloc(1000);
        throw new Error('stop');
      }),
    ).toThrow('stop');
    withKernel(({ arena, wasm }) => {
      expect(arena.mark).toBe(first.mark);
      expect(wasm.memory).toBe(first.memory);
    });
  });

  test('a memory of more than 256 MB is not kept', () => {
    withKernel(({ arena }) => arena.alloc(2 ** 27));
    expect(withKernel(({ wasm }) => wasm.memory.buffer.byteLength)).toBeGreaterThan(2 ** 27);
    withKernel(({ arena }) => arena.alloc(2 ** 28));
    expect(withKernel(({ wasm }) => wasm.memory.buffer.byteLength)).toBeLessThan(2 ** 27);
  });
});
