import type { RgbImage } from '@roikit/geometry';
import { checkImage } from './checks';
import { toColorSpace } from './colorSpaces';
import { groupRegions } from './grouping';
import { pixelGraph } from './pixelGraph';
import { mulberry32 } from './random';
import { rankBoxes } from './ranking';
import type { Regions } from './regions';
import { describeRegions, neighbourPairs } from './regions';
import { segment } from './segment';
import { modeStrategies } from './strategies';
import { textureCodes } from './texture';
import type { Planes, Proposals, SelectiveSearchMode, Segmentation, Strategy } from './types';

export interface SelectiveSearchOptions {
  /** The paper's Table 4. @default 'fast', R-CNN's choice */
  mode?: SelectiveSearchMode;
  /** @default Infinity: every box */
  maxProposals?: number;
  /** Boxes with a side below this many pixels are left out. @default 0: small objects need small boxes */
  minSize?: number;
  /** Uniform on [0, 1), for the ranking. @default a generator seeded alike in every call: the same image gives the same order */
  random?: () => number;
}

/** σ of the smoothing before segmentation: the paper's authors' and R-CNN's 0.8. */
const SIGMA = 0.8;

const copyRegions = (regions: Regions): Regions => ({
  ...regions,
  sizes: regions.sizes.slice(),
  boxes: regions.boxes.slice(),
  color: regions.color.slice(),
  texture: regions.texture.slice(),
});

function groupSegmentation(
  planes: Planes,
  codes: Uint8Array,
  segmentation: Segmentation,
  strategies: Strategy[],
): Int32Array[] {
  const regions = describeRegions(planes, codes, segmentation);
  const pairs = neighbourPairs(segmentation, planes.width);
  const pixels = planes.width * planes.height;
  return strategies.map(({ similarities }) =>
    groupRegions(copyRegions(regions), pairs, similarities, pixels),
  );
}

/** Runs the strategies, sharing what they have in common: edges and gradients by colour space, regions by segmentation. */
function runStrategies(image: RgbImage, strategies: Strategy[]): Int32Array[] {
  const spaces = [...new Set(strategies.map((s) => s.colorSpace))];
  return spaces.flatMap((space) => {
    const inSpace = strategies.filter((s) => s.colorSpace === space);
    const planes = toColorSpace(image, space);
    const graph = pixelGraph(planes, SIGMA);
    const codes = textureCodes(planes);
    const ks = [...new Set(inSpace.map((s) => s.k))];
    return ks.flatMap((k) =>
      groupSegmentation(
        planes,
        codes,
        segment(graph, k, k),
        inSpace.filter((s) => s.k === k),
      ),
    );
  });
}

/**
 * Selective search (Uijlings et al., IJCV 2013): boxes likely to hold an object.
 *
 * @returns boxes `[N, 4]` in pixels of the image, best first
 * @throws RangeError when the image's buffer does not fit its size
 */
export function selectiveSearch(image: RgbImage, options: SelectiveSearchOptions = {}): Proposals {
  const { mode = 'fast', maxProposals = Infinity, minSize = 0, random = mulberry32(1) } = options;
  checkImage('selectiveSearch', image);
  return rankBoxes(runStrategies(image, modeStrategies(mode)), random, { minSize, maxProposals });
}
