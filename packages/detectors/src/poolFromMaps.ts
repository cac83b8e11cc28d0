import { gatherBoxes, type Boxes } from '@roikit/geometry';
import { poolByLevel } from '@roikit/heads';
import * as tf from '@tensorflow/tfjs-core';
import type { FeatureMap, RegionContext } from './parts';
import { regionPixels } from './regionPixels';

/** Side of the windows that networks for ImageNet were trained on: at that size they know an object best (SPP-net §4.1). */
const CANONICAL = 224;

/** Pools regions whose corners are pixels of the network's input from one map, each from the image of its index. */
export type PoolRegions = (map: FeatureMap, pixels: tf.Tensor2D, owners: tf.Tensor1D) => tf.Tensor4D;

/** Every region from the map of the image in which it comes nearest to 224² pixels (SPP-net §4.1). One row a region. */
export function poolFromMaps(
  context: RegionContext,
  boxes: readonly Boxes[],
  pool: PoolRegions,
): tf.Tensor4D {
  const { pixels, owners } = regionPixels(context, boxes);
  return poolByLevel(mapsOfRegions(pixels, context.maps), (level, rows) => {
    const corners = tf.tensor2d(gatherBoxes(pixels, rows), [rows.length, 4]);
    const images = Int32Array.from(rows, (row) => owners[row]!);
    return pool(context.maps[level]!, corners, tf.tensor1d(images, 'int32'));
  });
}

/** The index of each region's map. @param pixels of the network's input */
export function mapsOfRegions(pixels: Boxes, maps: readonly FeatureMap[]): Int32Array {
  const areas = maps.map(({ scale = 1 }) => scale ** 2);
  return Int32Array.from({ length: pixels.length / 4 }, (_, i) => {
    const [x1, y1, x2, y2] = pixels.subarray(4 * i, 4 * i + 4) as unknown as [number, number, number, number];
    const misses = areas.map((area) => Math.abs((x2 - x1) * (y2 - y1) * area - CANONICAL ** 2));
    return misses.indexOf(Math.min(...misses));
  });
}
