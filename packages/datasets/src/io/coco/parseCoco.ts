import type { ImageSize } from '@roikit/geometry';
import { SampleError } from '../../types';
import type { AnnotatedObject } from '../annotations';
import { isRecord, parseJsonFile, toNumber, written, type Json } from '../json/parseJson';
import { cocoCategories, type Categories } from './cocoCategories';
import { idOf } from './cocoId';
import { cornersNote } from './cornersNote';
import { parseObject } from './parseObject';

/** A picture of a COCO file. */
interface CocoImage {
  /** The name as written: `file_name`, else what a URL of the record ends in. */
  fileName: string;
  /** Absent where the record has none. */
  size?: ImageSize;
  objects: AnnotatedObject[];
}

export interface CocoFile {
  /** Category names in ascending order of their ids, which need not be 1…K: COCO's own leave gaps. */
  classes: string[];
  images: CocoImage[];
  problems: SampleError[];
}

const cure = "a COCO detection file is an object with 'images', 'annotations' and 'categories'";

/** Parses a COCO detection file. Throws a SampleError where it isn't one; lists what is wrong inside as problems. */
export function parseCoco(json: string, file: string): CocoFile {
  const content = parseJsonFile(json, { file, cure });
  if (!isRecord(content)) throw notCoco(file, 'is not an object');
  const [images, annotations, categories] = ['images', 'annotations', 'categories'].map((key) => {
    const list = content[key];
    if (!Array.isArray(list)) throw notCoco(file, `has no list '${key}'`);
    return list as unknown[];
  }) as [unknown[], unknown[], unknown[]];
  const problems: SampleError[] = [];
  const known = cocoCategories(categories, { file, problems });
  const index = indexImages(images, { file, problems });
  for (const record of annotations) {
    const fault = addObject(record, { index, categories: known });
    if (fault) problems.push(badRecord(file, { kind: 'annotation', record, fault }));
  }
  const usable = usableImages(index, { file, problems });
  const corners = cornersNote(file, usable);
  if (corners) problems.push(corners);
  return { classes: known.classes, images: usable, problems };
}

interface ImageIndex {
  /** Undefined where two pictures have the id. */
  byId: Map<string, CocoImage | undefined>;
  /** By whole `file_name`, for annotations that name the file instead of the id. */
  byName: Map<string, CocoImage>;
  /** Pictures without an id. */
  nameless: { image: CocoImage; record: unknown }[];
  /** Pictures that share their id with another. */
  shared: { image: CocoImage; record: unknown }[];
}

function indexImages(
  records: readonly unknown[],
  { file, problems }: { file: string; problems: SampleError[] },
): ImageIndex {
  const index: ImageIndex = { byId: new Map(), byName: new Map(), nameless: [], shared: [] };
  const owners = new Map<string, { image: CocoImage; record: unknown }>();
  for (const record of records) {
    const fileName = isRecord(record) ? fileNameOf(record) : undefined;
    if (!isRecord(record) || fileName === undefined) {
      problems.push(badRecord(file, { kind: 'image', record, fault: 'has no file_name' }));
      continue;
    }
    const same = index.byName.get(fileName);
    const image = same ?? { fileName, size: sizeOf(record), objects: [] };
    index.byName.set(fileName, image);
    const id = idOf(record['id']);
    const owner = id === undefined ? undefined : owners.get(id);
    if (id === undefined) index.nameless.push({ image, record });
    else if (owner && owner.image !== image) {
      index.byId.set(id, undefined);
      index.shared.push(owner, { image, record });
    } else if (!owner) {
      owners.set(id, { image, record });
      index.byId.set(id, image);
    }
    if (same) problems.push(sameFile(file, { fileName, id: written(record['id']) }));
  }
  return index;
}

/** Adds the annotation to its image; returns what is wrong with it otherwise. */
function addObject(
  record: unknown,
  { index, categories }: { index: ImageIndex; categories: Categories },
): string | undefined {
  if (!isRecord(record)) return 'is not an object';
  const { image_id: imageId } = record;
  const id = idOf(imageId);
  const image = id === undefined ? undefined : index.byId.has(id) ? index.byId.get(id) : index.byName.get(id);
  if (!image) {
    const shared = id !== undefined && index.byId.has(id);
    return shared
      ? `belongs to image ${id}, an id of several images`
      : `belongs to no image (${written(imageId)})`;
  }
  const name = categories.nameOf(record['category_id']);
  if ('fault' in name) return name.fault;
  const object = parseObject(record, name.name);
  if (typeof object === 'string') return object;
  image.objects.push(object);
  return undefined;
}

/** Without those whose objects can't be known: an id that several have, or none that an annotation could name. */
function usableImages(
  { byName, nameless, shared }: ImageIndex,
  { file, problems }: { file: string; problems: SampleError[] },
): CocoImage[] {
  const lost = new Set<CocoImage>();
  const lose = (image: CocoImage, record: unknown, fault: string): void => {
    if (lost.has(image)) return;
    lost.add(image);
    problems.push(badRecord(file, { kind: 'image', record, fault }));
    for (const { written: box } of image.objects) {
      const record = { id: box };
      problems.push(badRecord(file, { kind: 'annotation', record, fault: `is lost with ${image.fileName}` }));
    }
  };
  for (const { image, record } of shared)
    lose(image, record, `(${image.fileName}) has the id of another image`);
  for (const { image, record } of nameless)
    if (image.objects.length === 0) lose(image, record, `(${image.fileName}) has no id`);
  return [...byName.values()].filter((image) => !lost.has(image));
}

/** LVIS has no file_name but a URL; Datumaro and others write `path`. */
function fileNameOf(record: Json): string | undefined {
  const names = ['file_name', 'filename', 'path', 'coco_url', 'flickr_url', 'url'].map((key) => record[key]);
  return names.find((name): name is string => typeof name === 'string' && name.trim() !== '');
}

function sizeOf({ width, height }: Json): ImageSize | undefined {
  const size = { width: toNumber(width), height: toNumber(height) };
  return size.width > 0 && size.height > 0 ? size : undefined;
}

function badRecord(
  file: string,
  { kind, record, fault }: { kind: 'image' | 'annotation'; record: unknown; fault: string },
): SampleError {
  const id = isRecord(record) ? written(record['id']) : written(record);
  return new SampleError(file, {
    what: `${kind} ${id} ${fault}, skipped`,
    cure: `correct or delete that ${kind}`,
    kind: kind === 'image' ? 'sample' : 'object',
  });
}

function sameFile(file: string, { fileName, id }: { fileName: string; id: string }): SampleError {
  return new SampleError(file, {
    what: `image ${id} has the file_name '${fileName}' of another image, their objects are put together`,
    cure: 'keep one of the two images',
    kind: 'note',
  });
}

function notCoco(file: string, fault: string): SampleError {
  return new SampleError(file, { what: `the file ${fault}`, cure });
}
