import type { ImageSize } from '@roikit/geometry';
import { SampleError } from '../../types';
import type { AnnotatedObject } from '../annotations';

/** One line of a YOLO label file, the class still a number. */
export interface YoloObject extends Omit<AnnotatedObject, 'name'> {
  classIndex: number;
}

/**
 * Parses a YOLO label file: `class x y width height` a line, centre and size as fractions of the picture, class from 0.
 * A line with more numbers is a segmentation outline `class x1 y1 x2 y2 …`, whose extent becomes the box.
 */
export function parseYolo(
  text: string,
  { file, size }: { file: string; size: ImageSize },
): { objects: YoloObject[]; problems: SampleError[] } {
  const objects: YoloObject[] = [];
  const problems: SampleError[] = [];
  text.split(/\r?\n/).forEach((line, i) => {
    if (line.trim() === '') return;
    const fields = line.trim().split(/\s+/);
    const fault = lineFault(fields);
    if (fault) problems.push(badLine(file, { number: i + 1, fault }));
    else objects.push(parseLine(fields.map(Number), size));
  });
  return { objects, problems };
}

function lineFault(fields: readonly string[]): string | undefined {
  const [classIndex, ...rest] = fields.map(Number);
  if (rest.length < 4 || (rest.length > 4 && (rest.length < 6 || rest.length % 2 === 1))) {
    return `has ${fields.length} numbers, expected class x y width height`;
  }
  if (!Number.isInteger(classIndex) || (classIndex ?? -1) < 0)
    return `has class '${fields[0]}', expected 0, 1, …`;
  // Annotation tools overshoot the border by rounding; pixels instead of fractions are far beyond.
  const outside = rest.find((value) => !(value >= -0.01 && value <= 1.01));
  return outside === undefined ? undefined : `has ${outside}, expected fractions of the picture's size`;
}

function parseLine([classIndex = 0, ...rest]: readonly number[], { width, height }: ImageSize): YoloObject {
  const [x1, y1, x2, y2] = rest.length === 4 ? fromCentre(rest) : extent(rest);
  return {
    classIndex,
    box: [x1 * width, y1 * height, x2 * width, y2 * height],
    written: `[${rest.join(', ')}]`,
  };
}

function fromCentre([x = 0, y = 0, w = 0, h = 0]: readonly number[]): AnnotatedObject['box'] {
  return [x - w / 2, y - h / 2, x + w / 2, y + h / 2];
}

function extent(outline: readonly number[]): AnnotatedObject['box'] {
  const xs = outline.filter((_, i) => i % 2 === 0);
  const ys = outline.filter((_, i) => i % 2 === 1);
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

function badLine(file: string, { number, fault }: { number: number; fault: string }): SampleError {
  return new SampleError(file, {
    what: `line ${number} ${fault}, box skipped`,
    cure: 'correct or delete that line',
  });
}
