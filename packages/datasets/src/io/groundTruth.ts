import type { GroundTruth, ImageSize } from '@roikit/geometry';
import { SampleError } from '../types';
import type { AnnotatedImage, AnnotatedObject } from './annotations';
import { counted } from './counted';

export interface Findings {
  classes: readonly string[];
  problems: SampleError[];
  /** Class names outside `classes`: the first file with one, and how many boxes. */
  unlisted: Map<string, { file: string; count: number }>;
}

/** Checks and clips boxes, keeps what can be used, and puts the rest into `problems`. */
export function toGroundTruth(
  image: AnnotatedImage,
  { size, classes, problems, unlisted }: Findings & { size: ImageSize },
): GroundTruth {
  const kept: AnnotatedObject[] = [];
  const boxes: number[] = [];
  for (const object of image.objects) {
    const box = clip(object.box, size);
    const entry = unlisted.get(object.name) ?? { file: image.file, count: 0 };
    if (!classes.includes(object.name)) unlisted.set(object.name, { ...entry, count: entry.count + 1 });
    else if (!isDrawn(object.box)) problems.push(badBox(image, { object, size, fault: 'has no area' }));
    else if (!isDrawn(box)) problems.push(badBox(image, { object, size, fault: 'lies outside the picture' }));
    else {
      kept.push(object);
      boxes.push(...box);
    }
  }
  const labels = Int32Array.from(kept, (object) => classes.indexOf(object.name) + 1);
  return { boxes: Float32Array.from(boxes), labels, ...optionalFields(kept) };
}

/** The problem for a class outside the caller's list. */
export function unlistedClass(
  name: string,
  { file, count, classes }: { file: string; count: number; classes: readonly string[] },
): SampleError {
  return new SampleError(file, {
    what: `class '${name}' is not in the list (${classes.join(', ')}), ${counted(count, 'box')} skipped, the first in this file`,
    cure: `add '${name}' to the classes, or rename it in the annotations`,
    kind: 'object',
  });
}

/** `difficult`, `crowd` and `area` only where the format told them of at least one object. */
function optionalFields(objects: readonly AnnotatedObject[]): Partial<GroundTruth> {
  const fields: Partial<GroundTruth> = {};
  if (objects.some((o) => o.difficult))
    fields.difficult = Uint8Array.from(objects, (o) => Number(o.difficult ?? false));
  if (objects.some((o) => o.crowd)) fields.crowd = Uint8Array.from(objects, (o) => Number(o.crowd ?? false));
  if (objects.some((o) => o.area !== undefined))
    fields.area = Float32Array.from(objects, (o) => o.area ?? boxArea(o));
  return fields;
}

function boxArea({ box: [x1, y1, x2, y2] }: AnnotatedObject): number {
  return (x2 - x1) * (y2 - y1);
}

function clip(
  [x1, y1, x2, y2]: AnnotatedObject['box'],
  { width, height }: ImageSize,
): AnnotatedObject['box'] {
  return [Math.max(x1, 0), Math.max(y1, 0), Math.min(x2, width), Math.min(y2, height)];
}

/** False for NaN too, and for what float32 makes one number. */
function isDrawn([x1, y1, x2, y2]: AnnotatedObject['box']): boolean {
  return Math.fround(x2) > Math.fround(x1) && Math.fround(y2) > Math.fround(y1);
}

function badBox(
  { file }: AnnotatedImage,
  { object: { name, written }, size, fault }: { object: AnnotatedObject; size: ImageSize; fault: string },
): SampleError {
  return new SampleError(file, {
    what: `the box ${written} of '${name}' ${fault} (${size.width}×${size.height}), box skipped`,
    cure: 'draw it again, or delete it from the file',
    kind: 'object',
  });
}
