import * as tf from '@tensorflow/tfjs-core';
import type { ConvBackbone } from './convBackbone';

/**
 * The same network over the image at several sizes, one map of each (SPP-net §4.1, Fast R-CNN §5.2). Regions are pooled
 * from the map that `poolFromMaps` chooses.
 *
 * @param scales sizes, times the input's @default [1]
 */
export function imagePyramid(backbone: ConvBackbone, scales: readonly number[] = [1]): ConvBackbone {
  return {
    ...backbone,
    smallestInput: Math.ceil(backbone.smallestInput / Math.min(...scales)),
    features: (input, options) =>
      scales.flatMap((scale) =>
        backbone.features(resized(input, scale), options).map(({ map, field }) => ({
          map,
          // In pixels of the input, as of every map.
          field: { stride: field.stride / scale, center: field.center / scale },
          scale,
        })),
      ),
  };
}

function resized(input: tf.Tensor4D, scale: number): tf.Tensor4D {
  if (scale === 1) return input;
  const [, height, width] = input.shape;
  const size: [number, number] = [Math.round(height * scale), Math.round(width * scale)];
  return tf.image.resizeBilinear(input, size, false, true); // half-pixel centres, as the transform
}
