import { SampleError } from '../types';
import type { AnnotatedImage, AnnotatedObject } from './annotations';

/** Rejects annotations that hold fractions where pixels are expected: read as pixels, no box would leave the first one. */
export function requirePixels(images: readonly AnnotatedImage[]): void {
  const annotated = images.filter(({ objects }) => objects.length > 0);
  const objects = annotated.flatMap((image) => image.objects);
  const fractional = objects.find(({ box }) => !box.every(Number.isInteger));
  if (fractional === undefined || !objects.every(isInFirstPixel)) return;
  throw new SampleError(annotated[0]!.file, {
    what: `every box lies within the first pixel of its picture, so its numbers are fractions of the picture's size (the first ${fractional.written})`,
    cure: 'write pixels',
  });
}

/** VOC's corners begin at 1: a fraction has become negative. */
function isInFirstPixel({ box: [x1, y1, x2, y2] }: AnnotatedObject): boolean {
  return x1 >= -1 && y1 >= -1 && x2 > x1 && y2 > y1 && x2 <= 1 && y2 <= 1;
}
