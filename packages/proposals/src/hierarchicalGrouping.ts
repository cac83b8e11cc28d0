import { channelsOf, type RgbImage } from '@roikit/image';
import { checkSigma, checkStrategies } from './checks';
import { toColorSpace } from './colorSpaces';
import { groupRegions } from './grouping';
import { withKernel } from './kernel/kernel';
import { pixelGraph } from './pixelGraph';
import { describeRegions, neighbourPairs } from './regions';
import { segment } from './segment';
import { textureCodes } from './texture';
import type { Segmentation, Strategy } from './types';

export interface GroupingOptions extends Partial<Strategy> {
  /** Smoothing before the segmentation, in pixels. @default 0.8, the paper's authors' */
  sigma?: number;
}

/** One grouping, merge by merge. Region numbers: 0…count − 1 are the segmentation's, count + i is made by merge i. */
export interface Hierarchy extends Segmentation {
  /** `[count − 1, 2]` the two regions of each merge. */
  merges: Int32Array;
  /** `[2 · count − 1, 4]` boxes of all regions, by number. */
  boxes: Int32Array;
}

/**
 * One run of selective search for those who want to watch it: the segmentation, and what merges with what until the whole
 * image is one region (IJCV 2013 Algorithm 1). Its boxes are those of `selectiveSearch` with this one strategy, unranked.
 *
 * @param options `colorSpace` 'HSV', `k` 100 and all four similarities unless given: the paper's 'single'
 * @throws RangeError when the image's buffer does not fit its size, or an option is out of range
 */
export function hierarchicalGrouping(image: RgbImage, options: GroupingOptions = {}): Hierarchy {
  const { sigma = 0.8, ...given } = options;
  const strategy: Strategy = {
    colorSpace: 'HSV',
    k: 100,
    similarities: ['color', 'texture', 'size', 'fill'],
    ...given,
  };
  channelsOf('hierarchicalGrouping', image);
  checkSigma('hierarchicalGrouping', sigma, image);
  checkStrategies('hierarchicalGrouping', [strategy]);
  const { width, height } = image;
  const { colorSpace, k, similarities } = strategy;
  return withKernel((kernel) => {
    const planes = toColorSpace(kernel, image, colorSpace);
    const labels = kernel.arena.alloc(4 * width * height);
    const map = segment(kernel, pixelGraph(kernel, planes, sigma), { k, minSize: k, labels });
    const regions = describeRegions(kernel, planes, textureCodes(kernel, planes), map);
    const pairs = neighbourPairs(kernel, map, width, height);
    const merges: number[] = [];
    const boxes = groupRegions(kernel, regions, pairs, similarities, width * height, (first, second) =>
      merges.push(first, second),
    );
    return {
      labels: kernel.arena.i32(labels, width * height).slice(),
      count: map.count,
      merges: Int32Array.from(merges),
      boxes,
    };
  });
}
