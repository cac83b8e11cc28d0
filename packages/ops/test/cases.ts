import * as tf from '@tensorflow/tfjs-core';
import {
  roiAlign,
  roiPool,
  spatialPyramidPool,
  type RoiAlignOptions,
  type RoiPoolOptions,
  type SpatialPyramidPoolOptions,
} from '../src';
import type { RegionOp } from './compare';
import { seeded } from './random';

/** One run of a region operation, as data that crosses from Node to a page. */
export type RegionCase = {
  shape: [number, number, number, number];
  features: number[];
  boxes: number[];
  boxIndices: number[];
} & (
  | { op: 'roiPool'; options: RoiPoolOptions }
  | { op: 'roiAlign'; options: RoiAlignOptions }
  | { op: 'spatialPyramidPool'; options: SpatialPyramidPoolOptions }
);

const ops = { roiPool, roiAlign, spatialPyramidPool };

export function regionOp(op: RegionCase['op'], options: RegionCase['options']): RegionOp {
  return (x, boxes, boxIndices) => ops[op](x, boxes, boxIndices, options as never);
}

function random(shape: [number, number, number, number], seed: number): tf.Tensor4D {
  const next = seeded(seed);
  const size = shape.reduce((a, b) => a * b, 1);
  return tf.tensor4d(
    Float32Array.from({ length: size }, () => 2 * next() - 1),
    shape,
  );
}

export function groupedConvCase() {
  const options = { groups: 10, strides: 2, pad: 1 };
  return { x: random([2, 7, 6, 40], 1), filter: random([3, 3, 4, 20], 2), options };
}

export const channelShuffleCase = (): tf.Tensor4D => random([2, 3, 2, 12], 3);
