import type { ImageSize } from '@roikit/geometry';
import { SampleError } from '../../types';
import type { AnnotatedObject } from '../annotations';
import { splitLines } from '../decodeText';
import { extent } from '../extent';
import { overshoots } from '../overshoots';
import { isClassIndex } from './classIndex';

/** One line of a YOLO label file, the class still a number. */
interface YoloObject extends Omit<AnnotatedObject, 'name'> {
  classIndex: number;
}

export interface YoloLabels {
  objects: YoloObject[];
  problems: SampleError[];
  /** Lines with a sixth number, a detector's confidence, which is dropped. */
  confidences: number;
  /** Boxes that reach over the border by more than drawing tools do: rows of corners look so. */
  overshoots: number;
}

export interface LabelPlace {
  file: string;
  size: ImageSize;
  /** Keypoints, and numbers of each (2, or 3 with the visibility), of a pose dataset. */
  keypoints?: readonly [count: number, dimensions: number];
}

/**
 * Parses a YOLO label file: `class x y width height` a line, centre and size as fractions of the picture, class from 0.
 * More numbers are a pose where `keypoints` says so, else an outline `class x1 y1 x2 y2 …` (four corners among them),
 * whose extent becomes the box; one more than a box's is a confidence. A line that fits two of these is a problem.
 */
export function parseYolo(text: string, { file, size, keypoints }: LabelPlace): YoloLabels {
  const labels: YoloLabels = { objects: [], problems: [], confidences: 0, overshoots: 0 };
  splitLines(text).forEach((line, i) => {
    if (line.trim() === '') return;
    const fields = line.trim().split(/\s+/);
    const numbers = fields.map(Number);
    const fault = classFault(fields[0]!) ?? countFault(numbers, keypoints) ?? rangeFault(numbers, keypoints);
    if (fault) labels.problems.push(badLine(file, { number: i + 1, fault }));
    else {
      const object = parseLine(numbers, { size, keypoints });
      labels.objects.push(object);
      if (overshoots(object.box, size)) labels.overshoots++;
      if (numbers.length === 6) labels.confidences++;
    }
  });
  return labels;
}

function classFault(field: string): string | undefined {
  return field !== '' && isClassIndex(Number(field)) ? undefined : `has class '${field}', expected 0, 1, …`;
}

function countFault([, ...rest]: readonly number[], keypoints: LabelPlace['keypoints']): string | undefined {
  const { length } = rest;
  if (length === 4 || length === 5) return undefined;
  if (keypoints) {
    const expected = keypoints[0] * keypoints[1] + 5;
    return length + 1 === expected
      ? undefined
      : `has ${length + 1} numbers, expected ${expected} of kpt_shape [${keypoints.join(', ')}]`;
  }
  if (length < 6 || (length % 2 === 1 && !isPose(rest, 3))) {
    return `has ${length + 1} numbers, expected class x y width height`;
  }
  const [two, three] = [isPose(rest, 2), isPose(rest, 3)];
  if (!two && !three) return undefined;
  return `has ${length + 1} numbers, which fit a pose of ${three ? (length - 4) / 3 : (length - 4) / 2} keypoints${length % 2 === 0 ? ' and an outline' : ''}; data.yaml has no kpt_shape`;
}

/** Whether numbers may be a box and keypoints within it. Four points are corners far more often than two keypoints. */
function isPose(numbers: readonly number[], dimensions: number): boolean {
  const points = numbers.length - 4;
  if (points <= 0 || points % dimensions !== 0 || (dimensions === 2 && points < 6)) return false;
  const [x = 0, y = 0, w = 0, h = 0] = numbers;
  for (let at = 4; at < numbers.length; at += dimensions) {
    const visible = dimensions === 2 ? 2 : numbers[at + 2]!;
    if (![0, 1, 2].includes(visible)) return false;
    if (visible === 0) continue;
    if (Math.abs(numbers[at]! - x) > w / 2 || Math.abs(numbers[at + 1]! - y) > h / 2) return false;
  }
  return true;
}

/** Of a pose only the box is used: hidden keypoints may lie anywhere. */
function rangeFault([, ...rest]: readonly number[], keypoints: LabelPlace['keypoints']): string | undefined {
  const used = keypoints ? rest.slice(0, 4) : rest;
  // Annotation tools overshoot the border by rounding; pixels instead of fractions are far beyond.
  const outside = used.find((value) => !(value >= -0.01 && value <= 1.01));
  return outside === undefined ? undefined : `has ${outside}, expected fractions of the picture's size`;
}

function parseLine(
  [classIndex = 0, ...rest]: readonly number[],
  { size: { width, height }, keypoints }: Pick<LabelPlace, 'size' | 'keypoints'>,
): YoloObject {
  const isBox = keypoints !== undefined || rest.length <= 5;
  const used = isBox ? rest.slice(0, 4) : rest;
  const [x1, y1, x2, y2] = isBox ? fromCentre(used) : extent(used)!;
  return {
    classIndex,
    box: [x1 * width, y1 * height, x2 * width, y2 * height],
    written: `[${used.join(', ')}]`,
  };
}

function fromCentre([x = 0, y = 0, w = 0, h = 0]: readonly number[]): AnnotatedObject['box'] {
  return [x - w / 2, y - h / 2, x + w / 2, y + h / 2];
}

function badLine(file: string, { number, fault }: { number: number; fault: string }): SampleError {
  return new SampleError(file, {
    what: `line ${number} ${fault}, box skipped`,
    cure: fault.includes('no kpt_shape')
      ? 'give kpt_shape for poses, or write boxes'
      : 'correct or delete that line',
    kind: 'object',
  });
}
