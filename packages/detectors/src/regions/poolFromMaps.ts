import { gatherBoxes, type Boxes } from '@roikit/geometry';
import { poolByLevel } from '@roikit/heads';
import * as tf from '@tensorflow/tfjs-core';
import type { FeatureMap, RegionContext } from '../parts';
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
  const nearest = new Int32Array(pixels.length / 4);
  if (maps.length === 1) return nearest;
  const shares = maps.map(({ scale = 1 }) => scale ** 2);
  for (let i = 0; i < nearest.length; i++) {
    const area = (pixels[4 * i + 2]! - pixels[4 * i]!) * (pixels[4 * i + 3]! - pixels[4 * i + 1]!);
    let least = Infinity;
    for (let map = 0; map < maps.length; map++) {
      const miss = Math.abs(area * shares[map]! - CANONICAL ** 2);
      if (miss < least) [least, nearest[i]] = [miss, map];
    }
  }
  return nearest;
}
