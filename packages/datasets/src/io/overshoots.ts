import type { ImageSize } from '@roikit/geometry';
import type { AnnotatedObject } from './annotations';

/** Whether a box leaves its picture by a twentieth of it: rounding of annotation tools stays below a hundredth. */
export function overshoots([x1, y1, x2, y2]: AnnotatedObject['box'], { width, height }: ImageSize): boolean {
  const [x, y] = [width / 20, height / 20];
  return x1 < -x || y1 < -y || x2 > width + x || y2 > height + y;
}
