import type { Boxes } from '@roikit/geometry';

/**
 * @param caller the function named in the error
 * @throws RangeError unless the boxes are `[R, 4]`, finite, with x1 ≤ x2 and y1 ≤ y2
 */
export function checkProposals(caller: string, boxes: Boxes): Boxes {
  if (boxes.length % 4 !== 0) {
    throw new RangeError(
      `${caller}: proposals must be [R, 4], a multiple of 4 numbers, got ${boxes.length}; give x1 y1 x2 y2 of each box`,
    );
  }
  for (let i = 0; i < boxes.length; i += 4) {
    const [x1, y1, x2, y2] = boxes.subarray(i, i + 4) as unknown as [number, number, number, number];
    // Written so that NaN fails; an infinite corner makes an infinite or NaN size.
    if (x2 - x1 >= 0 && y2 - y1 >= 0 && x2 - x1 < Infinity && y2 - y1 < Infinity) continue;
    throw new RangeError(
      `${caller}: proposals must have finite corners with x1 ≤ x2 and y1 ≤ y2, got ${[x1, y1, x2, y2].join(' ')} ` +
        `for box ${i / 4}; give x1 y1 x2 y2 in pixels of the image`,
    );
  }
  return boxes;
}
