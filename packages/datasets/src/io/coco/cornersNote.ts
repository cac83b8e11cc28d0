import type { ImageSize } from '@roikit/geometry';
import { SampleError } from '../../types';
import type { AnnotatedObject } from '../annotations';
import { counted } from '../counted';
import { overshoots } from '../overshoots';

/**
 * The note that boxes look like corners, a common mistake of converters: they leave their picture as x y width height,
 * and would fit it as x1 y1 x2 y2. Undefined where none does.
 */
export function cornersNote(
  file: string,
  images: readonly { size?: ImageSize; objects: readonly AnnotatedObject[] }[],
): SampleError | undefined {
  let boxes = 0;
  let corners = 0;
  for (const { size, objects } of images) {
    boxes += objects.length;
    if (size)
      corners += objects.filter(({ box }) => overshoots(box, size) && fitsAsCorners(box, size)).length;
  }
  if (corners === 0) return undefined;
  return new SampleError(file, {
    what: `${counted(corners, 'box')} of ${boxes} leave the picture as [x, y, width, height], cut there, and would fit as corners [x1, y1, x2, y2]`,
    cure: 'check that bbox is x, y, width and height',
    kind: 'note',
  });
}

/** Of x, y, x + width, y + height. */
function fitsAsCorners([x, y, right, bottom]: AnnotatedObject['box'], { width, height }: ImageSize): boolean {
  const [x2, y2] = [right - x, bottom - y];
  return x2 > x && y2 > y && x2 <= width && y2 <= height;
}
