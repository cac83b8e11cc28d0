import type { RgbImage } from '@roikit/image';
import { toColorSpace } from './colorSpaces';
import { groupRegions } from './grouping';
import type { Kernel } from './kernel/kernel';
import { withKernel } from './kernel/kernel';
import { pixelGraph } from './pixelGraph';
import type { Regions } from './regions';
import { describeRegions, neighbourPairs } from './regions';
import { segment } from './segment';
import { textureCodes } from './texture';
import type { ColorSpace, LabelMap, Planes, Strategy } from './types';

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

/** Segments with each k: smoothing, edges and their order are made once. */
function segmentAll(kernel: Kernel, planes: Planes, ks: number[]): LabelMap[] {
  const labels = ks.map(() => kernel.arena.alloc(4 * planes.width * planes.height));
  const mark = kernel.arena.mark;
  const graph = pixelGraph(kernel, planes, SIGMA);
  const maps = ks.map((k, i) => segment(kernel, graph, { k, minSize: k, labels: labels[i]! }));
  kernel.arena.release(mark);
  return maps;
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

/** The strategies by colour space, in order of first appearance: what one worker does in one go. */
export function byColorSpace(strategies: readonly Strategy[]): Strategy[][] {
  const spaces = [...new Set(strategies.map((s) => s.colorSpace))];
  return spaces.map((space) => strategies.filter((s) => s.colorSpace === space));
}

/**
 * Segments and groups by every strategy.
 *
 * @returns boxes of each run, `[R, 4]`, initial regions first, then in the order they were made
 */
export function runStrategies(image: RgbImage, strategies: readonly Strategy[]): Int32Array[] {
  return withKernel((kernel) =>
    byColorSpace(strategies).flatMap((some) => runColorSpace(kernel, image, some[0]!.colorSpace, some)),
  );
}
