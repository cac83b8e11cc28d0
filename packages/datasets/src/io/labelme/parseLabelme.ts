import type { ImageSize } from '@roikit/geometry';
import { SampleError } from '../../types';
import type { AnnotatedObject } from '../annotations';
import { extent } from '../extent';
import { isRecord, parseJsonFile, jsonText, toNumber, written, type Json } from '../json/parseJson';

export interface LabelmeAnnotation {
  /** The picture, relative to the file. */
  imagePath?: string;
  size?: ImageSize;
  objects: AnnotatedObject[];
  problems: SampleError[];
}

const cure = "a labelme file is an object with 'shapes' and 'imagePath'";

/** Shapes that have an extent; 'point', 'line' and 'linestrip' have none that is a box. */
const areas = ['rectangle', 'polygon', 'circle', 'mask', 'rotation', 'oriented_rectangle', 'quadrilateral'];

/** Whether JSON is labelme's. */
export function isLabelme(content: unknown): boolean {
  return isRecord(content) && Array.isArray(content['shapes']) && !('regions' in content);
}

/** Parses a labelme file; shapes become the boxes around them, those of one label and group one box. */
export function parseLabelme(text: string, file: string): LabelmeAnnotation {
  const content = parseJsonFile(text, { file, cure });
  if (!isRecord(content) || !Array.isArray(content['shapes'])) {
    throw new SampleError(file, { what: "the file has no list 'shapes'", cure });
  }
  const groups = new Map<unknown, AnnotatedObject>();
  const problems: SampleError[] = [];
  for (const [i, shape] of content['shapes'].entries()) {
    const object = parseShape(shape);
    if (typeof object === 'string') problems.push(badShape(file, { number: i + 1, fault: object }));
    else {
      // labelme's own labelme2coco: shapes of one label and one group are parts of one object.
      const group = isRecord(shape) ? (shape['group_id'] ?? undefined) : undefined;
      const key = group === undefined ? i : `${object.name}\0${jsonText(group)}`;
      const first = groups.get(key);
      groups.set(key, first ? joined(first, object) : object);
    }
  }
  const { imagePath } = content;
  return {
    imagePath: typeof imagePath === 'string' && imagePath !== '' ? imagePath : undefined,
    size: sizeOf(content),
    objects: [...groups.values()],
    problems,
  };
}

function sizeOf({ imageWidth, imageHeight }: Json): ImageSize | undefined {
  const size = { width: toNumber(imageWidth), height: toNumber(imageHeight) };
  return size.width > 0 && size.height > 0 ? size : undefined;
}

/** The object of a shape, or what is wrong with it. */
function parseShape(shape: unknown): AnnotatedObject | string {
  if (!isRecord(shape)) return 'is not an object';
  const { label, points, shape_type: type = 'polygon', difficult } = shape;
  const name = typeof label === 'number' ? String(label) : typeof label === 'string' ? label.trim() : '';
  if (name === '') return 'has no label';
  if (typeof type !== 'string' || !areas.includes(type))
    return `('${name}') is a ${written(type)}, which has no box`;
  const list = Array.isArray(points) ? (points as unknown[]) : [];
  const numbers = list.flatMap((point) =>
    Array.isArray(point) && point.length === 2 ? point.map(toNumber) : [NaN, NaN],
  );
  const box = type === 'circle' ? circleBox(numbers) : numbers.length >= 4 ? extent(numbers) : undefined;
  if (box === undefined) return `('${name}') has points ${written(points)}, which make no ${type}`;
  return { name, box, written: `[${box.join(', ')}]`, ...(difficult === true && { difficult: true }) };
}

/** A circle is its centre and a point on it. */
function circleBox(numbers: readonly number[]): AnnotatedObject['box'] | undefined {
  const [x = NaN, y = NaN, u = NaN, v = NaN] = numbers;
  const radius = Math.hypot(u - x, v - y);
  return Number.isFinite(radius) && numbers.length === 4
    ? [x - radius, y - radius, x + radius, y + radius]
    : undefined;
}

function joined(a: AnnotatedObject, b: AnnotatedObject): AnnotatedObject {
  const box = extent([...a.box, ...b.box])!;
  return { ...a, box, written: `[${box.join(', ')}]` };
}

function badShape(file: string, { number, fault }: { number: number; fault: string }): SampleError {
  return new SampleError(file, {
    what: `shape ${number} ${fault}, object skipped`,
    cure: 'correct or delete that shape',
    kind: 'object',
  });
}
