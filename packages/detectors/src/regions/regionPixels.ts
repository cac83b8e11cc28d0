import { resizeBoxes, type Boxes } from '@roikit/geometry';
import type { RegionContext } from '../parts';

/** 64 MB of region features at a time: a VGG16's 2,000 regions at once would be 200. */
const MAX_VALUES = 2 ** 24;

/** How many regions of so many values each take a bounded part of the memory. */
export function regionsWithin(valuesEach: number): number {
  return Math.max(1, Math.floor(MAX_VALUES / valuesEach));
}

/** All boxes in pixels of the network's input `[R, 4]`, and the image `[R]` each belongs to. */
export function regionPixels({ images, sizes }: RegionContext, boxes: readonly Boxes[]) {
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
