/** A seeded uniform generator on [0, 1). Saving `state` and setting it again continues the same sequence. */
export interface SeededRandom {
  (): number;
  /** Unsigned 32-bit integer: all the generator remembers. */
  state: number;
}

/**
 * Tommy Ettinger's mulberry32: 32 bits of state, period 2^32, passes gjrand's 13 tests; for sampling and tests,
 * not for cryptography.
 *
 * @param seed any integer; its lower 32 bits are used
 * @throws RangeError when the seed is not an integer
 */
export function mulberry32(seed: number): SeededRandom {
  if (!Number.isSafeInteger(seed)) throw new RangeError(`mulberry32: seed must be an integer, got ${seed}`);
  let state = seed | 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const get = (): number => state >>> 0;
  const set = (value: number): void => {
    state = value | 0;
  };
  return Object.defineProperty(next, 'state', { get, set, enumerable: true }) as SeededRandom;
}
