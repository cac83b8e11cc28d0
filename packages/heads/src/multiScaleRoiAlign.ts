import { gatherBoxes, type Boxes } from '@roikit/geometry';
import { roiAlign } from '@roikit/ops';
import * as tf from '@tensorflow/tfjs-core';
import { assignLevels, type LevelMapperOptions } from './levelMapper';
import { poolByLevel } from './poolByLevel';

export interface MultiScaleRoiAlignOptions extends Pick<
  LevelMapperOptions,
  'canonicalScale' | 'canonicalLevel' | 'epsilon'
> {
  /** Cells of each map per pixel of the input, finest first; powers of two. See `inferScale`. */
  scales: readonly number[];
  /** Where cell 0 of each map looks: pixels of the input that its boxes are moved back by. @default 0 for all, torchvision */
  centers?: readonly number[];
  /** @default 7 Fast R-CNN's for VGG16, and FPN's */
  outputSize?: number | readonly [number, number];
  /** Samples along each side of a bin. @default 2 torchvision */
  samplingRatio?: number;
  /** Whether to shift by half a cell (detectron2). @default false torchvision's detectors */
  aligned?: boolean;
}

/**
 * RoIAlign over a pyramid: every box from the map of its own level (FPN §4.2; torchvision's `MultiScaleRoIAlign`).
 *
 * @param maps `[N, hᵢ, wᵢ, C]`, finest first
 * @param boxes `[R, 4]`, pixels of the network's input; R ≥ 1
 * @param boxIndices `[R]`, the image of each
 * @returns `[R, size, size, C]` in the order of the boxes
 */
export function multiScaleRoiAlign(
  maps: readonly tf.Tensor4D[],
  boxes: Boxes,
  boxIndices: Int32Array,
  options: MultiScaleRoiAlignOptions,
): tf.Tensor4D {
  const { scales, centers, outputSize = 7, samplingRatio = 2, aligned = false, ...mapper } = options;
  checkMaps(maps, boxes, boxIndices, scales);
  const pool = (level: number, rows: Int32Array) => {
    const size: [number, number] =
      typeof outputSize === 'number' ? [outputSize, outputSize] : [...outputSize];
    const center = centers?.[level] ?? 0;
    const corners = tf.tensor2d(
      gatherBoxes(boxes, rows).map((value) => value - center),
      [rows.length, 4],
    );
    const images = tf.tensor1d(
      rows.map((row) => boxIndices[row]!),
      'int32',
    );
    const spatialScale = scales[level]!;
    return roiAlign(maps[level]!, corners, images, {
      outputSize: size,
      spatialScale,
      samplingRatio,
      aligned,
    });
  };
  return poolByLevel(levelsOf(boxes, scales, mapper), pool);
}

/** A single map takes all; otherwise the levels are those of the first and last map's strides. */
function levelsOf(
  boxes: Boxes,
  scales: readonly number[],
  mapper: Pick<LevelMapperOptions, 'canonicalScale' | 'canonicalLevel' | 'epsilon'>,
): Int32Array {
  if (scales.length === 1) return new Int32Array(boxes.length / 4);
  const minLevel = -Math.log2(scales[0]!);
  const maxLevel = -Math.log2(scales.at(-1)!);
  return assignLevels(boxes, { ...mapper, minLevel, maxLevel });
}

function checkMaps(
  maps: readonly tf.Tensor4D[],
  boxes: Boxes,
  boxIndices: Int32Array,
  scales: readonly number[],
): void {
  if (maps.length === 0 || maps.length !== scales.length) {
    throw new RangeError(
      `multiScaleRoiAlign: scales must have one entry per map, got ${scales.length} for ${maps.length} maps`,
    );
  }
  if (boxes.length === 0 || boxes.length !== 4 * boxIndices.length) {
    throw new RangeError(
      `multiScaleRoiAlign: boxes [R, 4] and boxIndices [R] must be of one length of at least 1, ` +
        `got ${boxes.length} and ${boxIndices.length} numbers`,
    );
  }
}
