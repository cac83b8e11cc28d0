import type { RgbImage } from '@roikit/image';
import * as tf from '@tensorflow/tfjs-core';
import type { Backbone, FeatureMap, ImageTransform, RegionContext, TransformedImage } from '../parts';

/** Images of a batch that went through the backbone together. */
export interface MappedGroup<Item> extends RegionContext {
  items: readonly Item[];
  maps: readonly FeatureMap[];
}

/** A batch's images → maps; differentiable. Images that the transform brings to one size share a pass. */
export function mapBatch<Item extends { image: RgbImage; scale?: number }>(
  { transform, backbone }: { transform: ImageTransform; backbone: Backbone },
  batch: readonly Item[],
): MappedGroup<Item>[] {
  const transformed = batch.map((item) => ({ item, ...transform.apply(item.image, { scale: item.scale }) }));
  return groupBySize(transformed).map((group) => ({
    items: group.map(({ item }) => item),
    images: group.map(({ item }) => item.image),
    sizes: group.map(({ size }) => size),
    maps: backbone.features(tf.concat(group.map(({ input }) => input))),
  }));
}

/** Inputs of one size together, in the order of their first. */
function groupBySize<Item extends TransformedImage>(items: readonly Item[]): Item[][] {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const size = item.input.shape.join('×');
    groups.set(size, [...(groups.get(size) ?? []), item]);
  }
  return [...groups.values()];
}
