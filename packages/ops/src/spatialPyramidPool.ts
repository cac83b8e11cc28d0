import {
  engine,
  type NamedAttrMap,
  type Tensor1D,
  type Tensor2D,
  type Tensor4D,
} from '@tensorflow/tfjs-core';
import { checkChoice, checkRegions, checkSpatialScale, positiveInteger } from './check';
import { registerRegionGradient } from './regionGradient';

export interface SpatialPyramidPoolOptions {
  /** n of each level's n × n bins; SPP-net's detector takes [1, 2, 3, 6], 50 bins (§4.1). */
  levels: readonly number[];
  /** Map cells per image pixel: 1/16 for ZF-5. */
  spatialScale: number;
  /**
   * Bin p of n over a side of a cells. `adaptive`, the default since it covers every cell: ⌊p·a/n⌋ … ⌈(p+1)·a/n⌉
   * (App. A). `fixed`: windows of ⌈a/n⌉ cells, ⌊a/n⌋ apart, as a pooling layer would (§2.3); leaves cells out where n
   * does not divide a evenly.
   */
  bins?: 'adaptive' | 'fixed';
  /**
   * First and last cell of a box. `paper`, the default since it needs no constants: ⌊x1·scale⌋ + 1 and ⌈x2·scale⌉ − 1
   * (App. A). Otherwise the authors' code, with the centre of the first cell's receptive field (`offset0`, counted from
   * 1) and a margin (`offset`): 21 and 6.5 for ZF-5, 15 and 6.5 for Overfeat. An empty range becomes its midpoint;
   * cells are clamped to the map.
   */
  projection?: 'paper' | { offset0: number; offset: number };
}

/** The kernel's attributes. */
export type SpatialPyramidPoolAttrs = Required<SpatialPyramidPoolOptions>;

/**
 * Spatial pyramid pooling of boxes (SPP-net §2.2, §4.1): the maximum of each bin of each level. The gradient goes to each
 * bin's first maximum; boxes get none.
 *
 * @param features `[N, H, W, C]`, float32
 * @param boxes `[R, 4]`, float32, x1 y1 x2 y2 in image pixels
 * @param boxIndices `[R]`, int32: the image of each box, 0 … N−1
 * @returns `[R, Σn²·C]`: levels in the order given, bins in row-major order, channels last
 */
export function spatialPyramidPool(
  features: Tensor4D,
  boxes: Tensor2D,
  boxIndices: Tensor1D,
  { levels, spatialScale, bins = 'adaptive', projection = 'paper' }: SpatialPyramidPoolOptions,
): Tensor2D {
  checkRegions('spatialPyramidPool', features, boxes, boxIndices);
  checkSpatialScale('spatialPyramidPool', spatialScale);
  if (levels.length === 0 || !levels.every(positiveInteger)) {
    throw new RangeError(
      `spatialPyramidPool: levels must be positive integers, got ${JSON.stringify(levels)}`,
    );
  }
  checkChoice('spatialPyramidPool', 'bins', bins, ['adaptive', 'fixed']);
  checkProjection(projection);
  const attrs: SpatialPyramidPoolAttrs = { levels, spatialScale, bins, projection };
  return engine().runKernel(
    'SpatialPyramidPool',
    { features, boxes, boxIndices },
    attrs as unknown as NamedAttrMap,
  );
}

function checkProjection(projection: NonNullable<SpatialPyramidPoolOptions['projection']>): void {
  const { offset0, offset } = projection === 'paper' ? { offset0: 0, offset: 0 } : projection;
  if (Number.isFinite(offset0) && Number.isFinite(offset)) return;
  throw new TypeError(
    `spatialPyramidPool: projection must be 'paper' or { offset0, offset } of two numbers, got ${JSON.stringify(projection)}`,
  );
}

registerRegionGradient('SpatialPyramidPool');
