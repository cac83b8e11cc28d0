import { resizeBoxes, type Boxes } from '@roikit/geometry';
import { roiPool } from '@roikit/ops';
import * as tf from '@tensorflow/tfjs-core';
import type { FeatureMap, RegionContext, RegionFeatures } from './parts';

/** 64 MB of region features at a time: a VGG16's 2,000 regions at once would be 200. */
const MAX_VALUES = 2 ** 24;

export interface RoiPoolRegionsOptions {
  outputSize: [number, number];
  /** Of the map. */
  channels: number;
}

/** Slot 2 of Fast R-CNN: RoI max pooling of one map shared by all regions of an image (§2.1). */
export function roiPoolRegions({ outputSize, channels }: RoiPoolRegionsOptions): RegionFeatures {
  const [height, width] = outputSize;
  return {
    regionsAtOnce: Math.max(1, Math.floor(MAX_VALUES / (height * width * channels))),
    apply: (context, boxes) => {
      const { map, field } = context.maps[0] as FeatureMap;
      return tf.tidy(() => {
        const pixels = inputPixels(context, boxes, field.center - field.stride / 2);
        const owners = boxes.flatMap(({ length }, i) => Array.from({ length: length / 4 }, () => i));
        const spatialScale = 1 / field.stride;
        return roiPool(map, pixels, tf.tensor1d(owners, 'int32'), { outputSize, spatialScale });
      });
    },
  };
}

/** All boxes in pixels of the network's input. `roiPool` takes cell i to be centred on stride · (i + ½): `shift` makes it so. */
function inputPixels({ images, sizes }: RegionContext, boxes: readonly Boxes[], shift: number): tf.Tensor2D {
  const resized = boxes.map((some, i) => {
    const [image, size] = [
      images[i] as RegionContext['images'][number],
      sizes[i] as RegionContext['sizes'][number],
    ];
    return resizeBoxes(some, { from: image, to: size }).map((value) => value - shift);
  });
  return tf.concat(resized.map((some) => tf.tensor2d(some, [some.length / 4, 4])));
}
