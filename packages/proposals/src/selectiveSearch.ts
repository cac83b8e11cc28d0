import { mulberry32 } from '@roikit/geometry';
import { channelsOf, resizePillow, type RgbImage } from '@roikit/image';
import { checkNumber, checkStrategies } from './checks';
import { rankBoxes } from './ranking';
import { runStrategies } from './runStrategies';
import { modeStrategies } from './strategies';
import type { Proposals, SelectiveSearchMode, Strategy } from './types';

export interface SelectiveSearchOptions {
  /** The paper's Table 4: 1, 8 or 80 strategies; or strategies of your own. @default 'fast', R-CNN's choice */
  mode?: SelectiveSearchMode | readonly Strategy[];
  /** @default Infinity: every box */
  maxProposals?: number;
  /** Boxes with a side below this many pixels (of the resized image, if it is) are left out; R-CNN has 20. @default 0: small objects need small boxes */
  minSize?: number;
  /**
   * Boxes whose IoU with a better one is above this come after all others: of 80 strategies many find the same object within a
   * few pixels. 1 is the paper's plain order. @default 0.8: of 0.6…0.9 the one that finds more of the first 100…1,000 at IoU 0.5 and 0.7 alike (README)
   */
  nmsThreshold?: number;
  /** Uniform on [0, 1), for the ranking. @default a generator seeded alike in every call: the same image gives the same order */
  random?: () => number;
  /** Searches the image resized to this width; the boxes are in original pixels all the same. R-CNN has 500. @default the image's own width */
  resizeWidth?: number;
  /**
   * An image whose longer side is above this is searched shrunk to it (and not by `resizeWidth`); the boxes are in original
   * pixels. @default Infinity
   */
  maxSize?: number;
}

/** Raised whenever an image and options give other boxes than before: what a cache of proposals must know. */
export const selectiveSearchVersion = 2;

/** A checked call: what to search, by which strategies, and what makes proposals of the boxes found. */
export interface SearchPlan {
  image: RgbImage;
  strategies: readonly Strategy[];
  rank(runs: readonly Int32Array[]): Proposals;
}

/** Checks the arguments and resizes: all that comes before and after the runs, wherever they run. */
export function planSearch(name: string, image: RgbImage, options: SelectiveSearchOptions = {}): SearchPlan {
  channelsOf(name, image);
  const {
    mode = 'fast',
    maxProposals = Infinity,
    minSize = 0,
    nmsThreshold = 0.8,
    random = mulberry32(1),
    maxSize = Infinity,
    resizeWidth = shrunkWidth(image, maxSize),
  } = options;
  checkNumber(name, { maxProposals, minSize, maxSize });
  if (typeof nmsThreshold !== 'number' || !(nmsThreshold >= 0 && nmsThreshold <= 1))
    throw new RangeError(`${name}: nmsThreshold must be a number from 0 to 1, got ${nmsThreshold}`);
  if (!Number.isInteger(resizeWidth) || resizeWidth < 1)
    throw new RangeError(`${name}: resizeWidth must be a positive integer, got ${resizeWidth}`);
  const strategies = typeof mode === 'string' ? modeStrategies(mode) : mode;
  checkStrategies(name, strategies);
  const resizeHeight = Math.max(1, Math.round((image.height * resizeWidth) / image.width));
  const searched =
    resizeWidth === image.width ? image : resizePillow(image, { width: resizeWidth, height: resizeHeight });
  const scale = { x: image.width / searched.width, y: image.height / searched.height };
  return {
    image: searched,
    strategies,
    rank: (runs) => rankBoxes(runs, random, { minSize, maxProposals, nmsThreshold, scale }),
  };
}

/** Width of an image shrunk until its longer side is at most `maxSize`. */
function shrunkWidth({ width, height }: RgbImage, maxSize: number): number {
  return Math.max(1, Math.round(width * Math.min(1, maxSize / Math.max(width, height))));
}

/**
 * Selective search (Uijlings et al., IJCV 2013): boxes likely to hold an object.
 *
 * @param image RGB or RGBA bytes; alpha is ignored
 * @returns boxes `[N, 4]` in pixels of the image, best first, and their scores `[N]`, descending
 * @throws RangeError when the image's buffer does not fit its size, or an option is out of range
 */
export function selectiveSearch(image: RgbImage, options: SelectiveSearchOptions = {}): Proposals {
  const plan = planSearch('selectiveSearch', image, options);
  return plan.rank(runStrategies(plan.image, plan.strategies));
}
