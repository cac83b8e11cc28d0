import {
  engine,
  type NamedAttrMap,
  type Tensor1D,
  type Tensor2D,
  type Tensor4D,
} from '@tensorflow/tfjs-core';
import { checkRegions, checkSize, checkSpatialScale, type Size } from './check';
import { registerRegionGradient } from './regionGradient';

export interface RoiAlignOptions {
  /** Bins of a region. */
  outputSize: Size;
  /** Map cells per image pixel: 1/16 for a feature map of stride 16. */
  spatialScale: number;
  /** Samples per bin and side; 0, torchvision's default too, takes ⌈bin size⌉. */
  samplingRatio?: number;
  /**
   * Whether a pixel's centre is half a pixel inside it, as detectron2 has it. Off by default, as in torchvision and its
   * detectors: no shift, and boxes are at least one cell wide and high.
   */
  aligned?: boolean;
}

/** The kernel's attributes. */
export interface RoiAlignAttrs {
  outputSize: [height: number, width: number];
  spatialScale: number;
  samplingRatio: number;
  aligned: boolean;
}

/**
 * RoIAlign (Mask R-CNN §3): the mean of bilinear samples in each bin of each box, nothing rounded. A sample more than a
 * cell outside the map counts as 0. The gradient goes to the features; boxes get none, as in torchvision.
 *
 * @param features `[N, H, W, C]`, float32
 * @param boxes `[R, 4]`, float32, x1 y1 x2 y2 in image pixels
 * @param boxIndices `[R]`, int32: the image of each box, 0 … N−1
 * @returns `[R, height, width, C]`
 */
export function roiAlign(
  features: Tensor4D,
  boxes: Tensor2D,
  boxIndices: Tensor1D,
  { outputSize, spatialScale, samplingRatio = 0, aligned = false }: RoiAlignOptions,
): Tensor4D {
  checkRegions('roiAlign', features, boxes, boxIndices);
  checkSpatialScale('roiAlign', spatialScale);
  if (!(Number.isInteger(samplingRatio) && samplingRatio >= 0)) {
    throw new RangeError(
      `roiAlign: samplingRatio must be a whole number, 0 for adaptive, got ${samplingRatio}`,
    );
  }
  const size = checkSize('roiAlign', 'outputSize', outputSize);
  const attrs: RoiAlignAttrs = { outputSize: size, spatialScale, samplingRatio, aligned };
  return engine().runKernel('RoiAlign', { features, boxes, boxIndices }, attrs as unknown as NamedAttrMap);
}

registerRegionGradient('RoiAlign');
