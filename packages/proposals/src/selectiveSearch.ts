import type { RgbImage } from '@roikit/geometry';
import { checkImage } from './checks';
import { toColorSpace } from './colorSpaces';
import { groupRegions } from './grouping';
import { openKernel } from './kernel/kernel';
import type { Kernel } from './kernel/kernel';
import { pixelGraph } from './pixelGraph';
import { mulberry32 } from './random';
import { rankBoxes } from './ranking';
import type { Regions } from './regions';
import { describeRegions, neighbourPairs } from './regions';
import { segment } from './segment';
import { modeStrategies } from './strategies';
import { textureCodes } from './texture';
import type { ColorSpace, LabelMap, Planes, Proposals, SelectiveSearchMode, Strategy } from './types';

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

/** A copy for one strategy to merge in place. */
function copyRegions({ arena }: Kernel, regions: Regions): Regions {
  const length = regions.count * regions.rowFloats;
  const rows = arena.alloc(4 * length);
  arena.f32(rows, length).set(arena.f32(regions.rows, length));
  return { ...regions, sizes: regions.sizes.slice(), boxes: regions.boxes.slice(), rows };
}

/** Groups one segmentation by each strategy. */
function groupSegmentation(
  kernel: Kernel,
  image: Planes,
  codes: number,
  map: LabelMap,
  strategies: Strategy[],
): Int32Array[] {
  const { width, height } = image;
  const start = kernel.arena.mark;
  const regions = describeRegions(kernel, image, codes, map);
  const pairs = neighbourPairs(kernel, map, width, height);
  const runs = strategies.map(({ similarities }) => {
    const mark = kernel.arena.mark;
    const boxes = groupRegions(kernel, copyRegions(kernel, regions), pairs, similarities, width * height);
    kernel.arena.release(mark);
    return boxes;
  });
  kernel.arena.release(start);
  return runs;
}

/** Segments with each k; edges and their order are made once, and given back. */
function segmentAll(kernel: Kernel, planes: Planes, ks: number[]): LabelMap[] {
  const graph = pixelGraph(kernel, planes, SIGMA);
  return ks.map((k) => segment(kernel, graph, k, k));
}

/** Runs the strategies of one colour space, sharing its edges and gradients, and the regions of each k. */
function runColorSpace(
  kernel: Kernel,
  image: RgbImage,
  space: ColorSpace,
  strategies: Strategy[],
): Int32Array[] {
  const mark = kernel.arena.mark;
  const planes = toColorSpace(kernel, image, space);
  const ks = [...new Set(strategies.map((s) => s.k))];
  const maps = segmentAll(kernel, planes, ks);
  const codes = textureCodes(kernel, planes);
  const runs = ks.flatMap((k, i) =>
    groupSegmentation(
      kernel,
      planes,
      codes,
      maps[i]!,
      strategies.filter((s) => s.k === k),
    ),
  );
  kernel.arena.release(mark);
  return runs;
}

function runStrategies(image: RgbImage, strategies: Strategy[]): Int32Array[] {
  const kernel = openKernel();
  const spaces = [...new Set(strategies.map((s) => s.colorSpace))];
  return spaces.flatMap((space) =>
    runColorSpace(
      kernel,
      image,
      space,
      strategies.filter((s) => s.colorSpace === space),
    ),
  );
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
