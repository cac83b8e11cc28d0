import {
  engine,
  type NamedAttrMap,
  type Tensor1D,
  type Tensor2D,
  type Tensor4D,
} from '@tensorflow/tfjs-core';
import { checkRegions, checkSize, checkSpatialScale, type Size } from './check';
import { registerRegionGradient } from './regionGradient';

export interface RoiPoolOptions {
  /** Bins of a region: Fast R-CNN takes 7 for VGG16, 6 for CaffeNet. */
  outputSize: Size;
  /** Map cells per image pixel: 1/16 for a feature map of stride 16. */
  spatialScale: number;
}

/** The kernel's attributes. */
export interface RoiPoolAttrs {
  outputSize: [height: number, width: number];
  spatialScale: number;
}

/**
 * RoI max pooling (Fast R-CNN §2.1): the maximum of each bin of each box.
 *
 * Box corners times `spatialScale` are rounded half away from zero; the side is at least one cell; an empty bin (outside
 * the map) is 0. The gradient goes to each bin's first maximum, summed over boxes; boxes get none, as in torchvision.
 *
 * @param features `[N, H, W, C]`, float32
 * @param boxes `[R, 4]`, float32, x1 y1 x2 y2 in image pixels
 * @param boxIndices `[R]`, int32: the image of each box, 0 … N−1
 * @returns `[R, height, width, C]`
 */
export function roiPool(
  features: Tensor4D,
  boxes: Tensor2D,
  boxIndices: Tensor1D,
  { outputSize, spatialScale }: RoiPoolOptions,
): Tensor4D {
  checkRegions('roiPool', features, boxes, boxIndices);
  checkSpatialScale('roiPool', spatialScale);
  const attrs: RoiPoolAttrs = { outputSize: checkSize('roiPool', 'outputSize', outputSize), spatialScale };
  return engine().runKernel('RoiPool', { features, boxes, boxIndices }, attrs as unknown as NamedAttrMap);
}

registerRegionGradient('RoiPool');
