import type { ImageSize } from '@roikit/geometry';
import type { ImageHeader } from '@roikit/image/node';
import type { AnnotatedImage, AnnotatedObject } from './annotations';

type Box = AnnotatedObject['box'];

/** How the annotated size and a picture's two sizes go together. */
export type Fit = 'upright' | 'stored' | 'either' | 'neither';

/** Which of the picture's sizes the annotation was made on. Without an annotated size, the upright one. */
export function fitOf(size: ImageSize | undefined, header: ImageHeader): Fit {
  if (size === undefined) return header.orientation === 1 ? 'upright' : 'either';
  const upright = isSame(size, header);
  const stored = isSame(size, header.stored);
  if (upright && stored) return header.orientation === 1 ? 'upright' : 'either';
  return upright ? 'upright' : stored ? 'stored' : 'neither';
}

/** Turns boxes drawn on the stored picture as its EXIF orientation turns the picture. */
export function turnObjects(
  { objects }: AnnotatedImage,
  { orientation, stored }: ImageHeader,
): AnnotatedObject[] {
  return objects.map((object) => ({ ...object, box: turnBox(object.box, { orientation, ...stored }) }));
}

/** A box of a stored picture of `width` × `height`, as seen in EXIF orientation 1 to 8. */
export function turnBox(
  [x1, y1, x2, y2]: Box,
  { orientation, width, height }: ImageSize & { orientation: number },
): Box {
  // EXIF 2.32, tag 0x112: 2 mirrored, 3 by 180°, 4 upside down, 5 to 8 with the axes exchanged.
  const [left, right] = [2, 3].includes(orientation) ? [width - x2, width - x1] : [x1, x2];
  const [top, bottom] = [3, 4].includes(orientation) ? [height - y2, height - y1] : [y1, y2];
  if (orientation <= 4) return [left, top, right, bottom];
  const [u1, u2] = [6, 7].includes(orientation) ? [height - y2, height - y1] : [y1, y2];
  const [v1, v2] = [7, 8].includes(orientation) ? [width - x2, width - x1] : [x1, x2];
  return [u1, v1, u2, v2];
}

function isSame(a: ImageSize, b: ImageSize): boolean {
  return a.width === b.width && a.height === b.height;
}
