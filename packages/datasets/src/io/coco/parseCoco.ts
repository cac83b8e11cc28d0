import { SampleError } from '../../types';
import type { AnnotatedImage, AnnotatedObject } from '../annotations';

export interface CocoFile {
  /** Category names in ascending order of their ids, which need not be 1…K: COCO's own leave gaps. */
  classes: string[];
  /** `image` is still the `file_name` as written. */
  images: AnnotatedImage[];
  problems: SampleError[];
}

type Json = Record<string, unknown>;

/** Parses a COCO detection file. Throws a SampleError where it isn't one; lists what is wrong inside as problems. */
export function parseCoco(json: string, file: string): CocoFile {
  const content = parseJson(json, file);
  const [images, annotations, categories] = ['images', 'annotations', 'categories'].map((key) => {
    const list = content[key];
    if (!Array.isArray(list)) throw notCoco(file, `has no list '${key}'`);
    return list.filter(isRecord);
  }) as [Json[], Json[], Json[]];
  const problems: SampleError[] = [];
  const byId = new Map<unknown, AnnotatedImage>();
  for (const record of images) {
    const image = parseImage(record, file);
    if (image) byId.set(record['id'], image);
    else problems.push(badRecord(file, { kind: 'image', record, fault: 'lacks file_name, width or height' }));
  }
  const names = new Map<unknown, string>();
  for (const record of categories) {
    if (typeof record['name'] === 'string') names.set(record['id'], record['name']);
    else problems.push(badRecord(file, { kind: 'category', record, fault: 'has no name' }));
  }
  for (const record of annotations) {
    const image = byId.get(record['image_id']);
    const fault = image
      ? addObject(image, { record, names })
      : `belongs to no image (${written(record['image_id'])})`;
    if (fault) problems.push(badRecord(file, { kind: 'annotation', record, fault }));
  }
  return { classes: sortedNames(names), images: [...byId.values()], problems };
}

function sortedNames(names: ReadonlyMap<unknown, string>): string[] {
  const entries = [...names].sort(([a], [b]) => Number(written(a)) - Number(written(b)));
  return [...new Set(entries.map(([, name]) => name))];
}

function parseJson(json: string, file: string): Json {
  let content: unknown;
  try {
    content = JSON.parse(json);
  } catch (error) {
    throw notCoco(file, `is not JSON (${error instanceof Error ? error.message : String(error)})`);
  }
  if (!isRecord(content)) throw notCoco(file, 'is not an object');
  return content;
}

function parseImage(record: Json, file: string): AnnotatedImage | undefined {
  const { file_name: image, width, height } = record;
  if (typeof image !== 'string' || !isPositive(width) || !isPositive(height)) return undefined;
  return { id: image.replace(/\.[^./\\]*$/, ''), image, file, size: { width, height }, objects: [] };
}

/** Adds the annotation to its image; returns what is wrong with it otherwise. */
function addObject(
  image: AnnotatedImage,
  { record, names }: { record: Json; names: ReadonlyMap<unknown, string> },
): string | undefined {
  const name = names.get(record['category_id']);
  if (name === undefined)
    return `has category_id ${written(record['category_id'])}, which is not in 'categories'`;
  const bbox = record['bbox'];
  if (!Array.isArray(bbox) || bbox.length !== 4 || !bbox.every(Number.isFinite)) {
    return `has bbox ${written(bbox)}, which is not [x, y, width, height]`;
  }
  image.objects.push({ name, ...parseBox(bbox as [number, number, number, number]), ...parseFlags(record) });
  return undefined;
}

function parseBox([x, y, width, height]: [number, number, number, number]): Pick<
  AnnotatedObject,
  'box' | 'written'
> {
  return { box: [x, y, x + width, y + height], written: `[${x}, ${y}, ${width}, ${height}]` };
}

/** `ignore` is how VOC's `difficult` is kept in COCO files (mmdetection's converter, and pycocotools reads it). */
function parseFlags({ iscrowd, ignore, area }: Json): Partial<AnnotatedObject> {
  return {
    crowd: Boolean(iscrowd),
    difficult: Boolean(ignore) && !iscrowd,
    area: typeof area === 'number' ? area : undefined,
  };
}

function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A value as the file has it. Not String(): a record with a key `toString` has no text for it. */
function written(value: unknown): string {
  return typeof value === 'string' ? value : String(JSON.stringify(value));
}

function isPositive(value: unknown): value is number {
  return typeof value === 'number' && value > 0;
}

function badRecord(
  file: string,
  { kind, record, fault }: { kind: 'image' | 'annotation' | 'category'; record: Json; fault: string },
): SampleError {
  return new SampleError(file, {
    what: `${kind} ${written(record['id'])} ${fault}, skipped`,
    cure: `correct or delete that ${kind}`,
  });
}

function notCoco(file: string, fault: string): SampleError {
  return new SampleError(file, {
    what: `the file ${fault}`,
    cure: "a COCO detection file is an object with 'images', 'annotations' and 'categories'",
  });
}
