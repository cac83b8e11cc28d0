import type { GroundTruth, ImageSize } from '@roikit/geometry';
import { readImage } from '@roikit/image/node';
import pMap from 'p-map';
import type { Dataset, Sample } from '../types';
import { SampleError } from '../types';
import type { AnnotatedImage, AnnotatedObject, Annotations } from './annotations';
import { concurrency, exists } from './files';
import { sampleOf } from './image';

export type DatasetFormat = 'voc' | 'coco' | 'yolo';

/** A dataset that lies in a folder. */
export interface FileDataset extends Dataset {
  format: DatasetFormat;
  /** What was left out when opening: each entry names its file and says what to do. */
  problems: readonly SampleError[];
  /** The annotation of sample `index`, without decoding its picture. */
  truth(index: number): GroundTruth;
  imageFile(index: number): string;
}

interface Entry {
  id: string;
  image: string;
  file: string;
  size: ImageSize;
  truth: GroundTruth;
}

/** Checks what a reader found, keeps what can be used and lists the rest as problems. */
export async function createFileDataset(
  annotations: Annotations,
  format: DatasetFormat,
): Promise<FileDataset> {
  const { name, classes } = annotations;
  const problems = [...annotations.problems];
  const unlisted = new Map<string, { file: string; count: number }>();
  const present = await pMap(annotations.images, ({ image }) => exists(image), { concurrency });
  const entries: Entry[] = [];
  annotations.images.forEach((image, i) => {
    if (present[i]) entries.push({ ...image, truth: toGroundTruth(image, { classes, problems, unlisted }) });
    else problems.push(missingImage(image));
  });
  for (const [missing, { file, count }] of unlisted)
    problems.push(unlistedClass(missing, { file, count, classes }));
  return fromEntries(entries, { name, format, classes, problems });
}

function fromEntries(
  entries: readonly Entry[],
  about: Pick<FileDataset, 'name' | 'format' | 'classes' | 'problems'>,
): FileDataset {
  const at = (index: number): Entry => {
    const entry = entries[index];
    if (!entry) throw new RangeError(`${about.name}: index must be in [0, ${entries.length}), got ${index}`);
    return entry;
  };
  return {
    ...about,
    length: entries.length,
    id: (index) => at(index).id,
    truth: (index) => at(index).truth,
    imageFile: (index) => at(index).image,
    get: async (index) => readSample(at(index)),
  };
}

async function readSample({ id, image: path, file, size, truth }: Entry): Promise<Sample> {
  const image = await sampleOf(readImage(path));
  if (image.width !== size.width || image.height !== size.height) {
    throw new SampleError(file, {
      what: `it was made for ${size.width}×${size.height} pixels, but ${path} has ${image.width}×${image.height}`,
      cure: 'annotate the picture again, or correct the size in the annotation',
    });
  }
  return { id, image, truth };
}

interface Findings {
  classes: readonly string[];
  problems: SampleError[];
  /** Class names outside `classes`: the first file with one, and how many boxes. */
  unlisted: Map<string, { file: string; count: number }>;
}

function toGroundTruth(image: AnnotatedImage, { classes, problems, unlisted }: Findings): GroundTruth {
  const kept: AnnotatedObject[] = [];
  const boxes: number[] = [];
  for (const object of image.objects) {
    const box = clip(object.box, image.size);
    const entry = unlisted.get(object.name) ?? { file: image.file, count: 0 };
    if (!classes.includes(object.name)) unlisted.set(object.name, { ...entry, count: entry.count + 1 });
    else if (!isDrawn(object.box)) problems.push(badBox(image, object, 'has no area'));
    else if (!isDrawn(box)) problems.push(badBox(image, object, 'lies outside the picture'));
    else {
      kept.push(object);
      boxes.push(...box);
    }
  }
  const labels = Int32Array.from(kept, (object) => classes.indexOf(object.name) + 1);
  return { boxes: Float32Array.from(boxes), labels, ...optionalFields(kept) };
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

/** False for NaN too. */
function isDrawn([x1, y1, x2, y2]: AnnotatedObject['box']): boolean {
  return x2 > x1 && y2 > y1;
}

function missingImage({ file, image }: AnnotatedImage): SampleError {
  return new SampleError(file, {
    what: `its picture ${image} is missing, sample skipped`,
    cure: 'put the picture there, or delete the annotation',
  });
}

function badBox(
  { file, size }: AnnotatedImage,
  { name, written }: AnnotatedObject,
  fault: string,
): SampleError {
  return new SampleError(file, {
    what: `the box ${written} of '${name}' ${fault} (${size.width}×${size.height}), box skipped`,
    cure: 'draw it again, or delete it from the file',
  });
}

function unlistedClass(
  name: string,
  { file, count, classes }: { file: string; count: number; classes: readonly string[] },
): SampleError {
  return new SampleError(file, {
    what: `class '${name}' is not in the list (${classes.join(', ')}), ${count === 1 ? '1 box' : `${count} boxes`} skipped, the first in this file`,
    cure: `add '${name}' to the classes, or rename it in the annotations`,
  });
}
