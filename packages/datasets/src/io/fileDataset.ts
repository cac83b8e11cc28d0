import type { GroundTruth, ImageSize } from '@roikit/geometry';
import { readImage, readImageHeader, type ImageHeader } from '@roikit/image/node';
import pMap from 'p-map';
import type { Dataset, Sample } from '../types';
import { SampleError } from '../types';
import type { AnnotatedImage, Annotations } from './annotations';
import { concurrency, exists } from './files';
import { append } from './folder/pairing';
import { toGroundTruth, unlistedClass, type Findings } from './groundTruth';
import { sampleOf } from './image';
import { fitOf, turnObjects } from './orientation';

export type DatasetFormat = 'voc' | 'coco' | 'yolo' | 'labelme' | 'cvat';

/** A dataset that lies in a folder. */
export interface FileDataset extends Dataset {
  format: DatasetFormat;
  /** What was left out when opening, and notes; each entry names its file and says what to do. */
  problems: readonly SampleError[];
  /** The annotation of sample `index`, without decoding its picture. */
  truth(index: number): GroundTruth;
  /** Size of the picture of sample `index` as it is seen, without decoding it. */
  size(index: number): ImageSize;
  imageFile(index: number): string;
}

interface Entry {
  id: string;
  image: string;
  size: ImageSize;
  truth: GroundTruth;
}

export interface DatasetOptions {
  format: DatasetFormat;
  maxPixels?: number;
}

/** Checks what a reader found against the pictures, keeps what can be used and lists the rest as problems. */
export async function createFileDataset(
  annotations: Annotations,
  { format, maxPixels }: DatasetOptions,
): Promise<FileDataset> {
  const { name, classes } = annotations;
  const findings: Findings = { classes, problems: [...annotations.problems], unlisted: new Map() };
  const { problems, unlisted } = findings;
  const images = unshared(annotations.images, problems);
  const headers = await pMap(images, async (image) => headerOf(image, maxPixels), { concurrency });
  const entries: Entry[] = [];
  const undecided: AnnotatedImage[] = [];
  images.forEach((image, i) => {
    const header = headers[i]!;
    if (header instanceof SampleError) return problems.push(header);
    const fit = image.header ? 'upright' : fitOf(image.size, header);
    if (fit === 'neither') return problems.push(otherSize(image, header));
    if (fit === 'either') undecided.push(image);
    const objects = fit === 'stored' ? turnObjects(image, header) : image.objects;
    const size = { width: header.width, height: header.height };
    const truth = toGroundTruth({ ...image, objects }, { ...findings, size });
    return entries.push({ id: image.id, image: image.image, size, truth });
  });
  problems.push(...lookAlikes(annotations));
  for (const [missing, { file, count }] of unlisted)
    problems.push(unlistedClass(missing, { file, count, classes }));
  if (undecided.length > 0) problems.push(undecidedTurn(undecided));
  return fromEntries(distinct(entries), { about: { name, format, classes, problems }, maxPixels });
}

/** Notes on classes whose names differ in nothing that can be seen. */
function lookAlikes({ name, classes, images }: Annotations): SampleError[] {
  const composed = classes.map((text) => text.normalize('NFC'));
  const doubled = composed.filter((text, i) => composed.indexOf(text) !== i);
  return doubled.map(
    (text) =>
      new SampleError(images[0]?.file ?? name, {
        what: `two classes are both written '${text}', with other characters (composed and decomposed)`,
        cure: 'write both alike where they are one class',
        kind: 'note',
      }),
  );
}

function fromEntries(
  entries: readonly Entry[],
  {
    about,
    maxPixels,
  }: { about: Pick<FileDataset, 'name' | 'format' | 'classes' | 'problems'>; maxPixels?: number },
): FileDataset {
  const at = (index: number): Entry => {
    const entry = entries[index];
    if (!entry) throw new RangeError(`${about.name}: index must be in [0, ${entries.length}), got ${index}`);
    return entry;
  };
  const get = async (index: number): Promise<Sample> => {
    const { id, image, truth } = at(index);
    return { id, image: await sampleOf(readImage(image, { maxPixels })), truth };
  };
  return {
    ...about,
    length: entries.length,
    id: (index) => at(index).id,
    truth: (index) => at(index).truth,
    size: (index) => at(index).size,
    imageFile: (index) => at(index).image,
    get,
  };
}

async function headerOf(
  image: AnnotatedImage,
  maxPixels: number | undefined,
): Promise<ImageHeader | SampleError> {
  if (image.header) return image.header;
  if (!(await exists(image.image))) return missingImage(image);
  try {
    return await sampleOf(readImageHeader(image.image, { maxPixels }));
  } catch (error) {
    if (error instanceof SampleError) return error;
    throw error;
  }
}

/** Without pictures that two annotations claim: neither is sure to be right. */
function unshared(images: readonly AnnotatedImage[], problems: SampleError[]): AnnotatedImage[] {
  const claims = new Map<string, AnnotatedImage[]>();
  for (const image of images) append(claims, image.image, image);
  for (const [picture, shared] of claims) {
    if (shared.length > 1) problems.push(...shared.map((image) => claimedTwice(image, { picture, shared })));
  }
  return images.filter(({ image }) => claims.get(image)!.length === 1);
}

/** Ids are unique: those that two samples have get a number. */
function distinct(entries: readonly Entry[]): Entry[] {
  const taken = new Set(entries.map(({ id }) => id));
  const seen = new Set<string>();
  return entries.map((entry) => {
    let id = entry.id;
    for (let n = 2; seen.has(id) || (id !== entry.id && taken.has(id)); n++) id = `${entry.id}#${n}`;
    seen.add(id);
    return { ...entry, id };
  });
}

function missingImage({ file, image }: AnnotatedImage): SampleError {
  return new SampleError(file, {
    what: `its picture ${image} is missing, sample skipped`,
    cure: 'put the picture there, or delete the annotation',
  });
}

function claimedTwice(
  { id, file }: AnnotatedImage,
  { picture, shared }: { picture: string; shared: readonly AnnotatedImage[] },
): SampleError {
  const others = shared.filter((image) => image.id !== id || image.file !== file);
  const other = others[0] ?? shared[0]!;
  return new SampleError(file, {
    what: `its picture ${picture} is that of ${other.file === file ? `'${other.id}'` : other.file} too, sample skipped`,
    cure: 'delete or correct one of the two annotations',
  });
}

function otherSize(
  { file, image, size }: AnnotatedImage,
  { stored, orientation, ...seen }: ImageHeader,
): SampleError {
  const turned =
    orientation === 1
      ? ''
      : `, stored as ${stored.width}×${stored.height} with EXIF orientation ${orientation}`;
  return new SampleError(file, {
    what: `it was made for ${size?.width}×${size?.height} pixels, but ${image} has ${seen.width}×${seen.height}${turned}, sample skipped`,
    cure: 'annotate the picture again, or correct the size in the annotation',
  });
}

function undecidedTurn(images: readonly AnnotatedImage[]): SampleError {
  const many = images.length === 1 ? 'the picture is' : `${images.length} pictures, this the first, are`;
  return new SampleError(images[0]!.image, {
    what: `${many} turned by EXIF, and the size in the annotation doesn't tell whether the boxes were drawn before or after; taken as drawn on the upright picture`,
    cure: 'look at one, and remove the EXIF orientation where boxes are off',
    kind: 'note',
  });
}
