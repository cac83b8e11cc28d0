import { resizeBoxes, type Boxes } from '@roikit/geometry';
import { roiPool } from '@roikit/ops';
import * as tf from '@tensorflow/tfjs-core';
import type { FeatureMap, RegionContext, RegionFeatures } from './parts';

/** 64 MB of region features at a time: a VGG16's 2,000 regions at once would be 200. */
const MAX_VALUES = 2 ** 24;

/** Regions whose features fit into it. */
export function regionsWithin([height, width]: readonly [number, number], channels: number): number {
  return Math.max(1, Math.floor(MAX_VALUES / (height * width * channels)));
}

export interface RoiPoolRegionsOptions {
  outputSize: [number, number];
  /** Of the map. */
  channels: number;
}

/** Slot 2 of Fast R-CNN: RoI max pooling of one map shared by all regions of an image (§2.1). */
export function roiPoolRegions({ outputSize, channels }: RoiPoolRegionsOptions): RegionFeatures {
  return {
    regionsAtOnce: regionsWithin(outputSize, channels),
    apply: (context, boxes) => {
      const { map, field } = context.maps[0] as FeatureMap;
      return tf.tidy(() => {
        const { pixels, owners } = inputBoxes(context, boxes);
        // `roiPool` takes cell i to be centred on stride · (i + ½): moving the boxes makes it so.
        const shift = field.center - field.stride / 2;
        const moved = tf.tensor2d(
          pixels.map((value) => value - shift),
          [owners.length, 4],
        );
        const spatialScale = 1 / field.stride;
        return roiPool(map, moved, tf.tensor1d(owners, 'int32'), { outputSize, spatialScale });
      });
    },
  };
}

/** All boxes in pixels of the network's input `[R, 4]`, and the image `[R]` each belongs to. */
export function inputBoxes({ images, sizes }: RegionContext, boxes: readonly Boxes[]) {
  const count = boxes.reduce((sum, { length }) => sum + length / 4, 0);
  const [pixels, owners] = [new Float32Array(4 * count), new Int32Array(count)];
  let start = 0;
  boxes.forEach((some, i) => {
    pixels.set(resizeBoxes(some, { from: images[i]!, to: sizes[i]! }), 4 * start);
    owners.fill(i, start, start + some.length / 4);
    start += some.length / 4;
  });
  return { pixels, owners };
}
