import { readImageHeader } from '@roikit/image/node';
import { basename, resolve } from 'node:path';
import pMap from 'p-map';
import { SampleError } from '../../types';
import type { AnnotatedImage, Annotations, ReadOptions } from '../annotations';
import { counted } from '../counted';
import { readText, splitLines } from '../decodeText';
import { concurrency, withoutExtension } from '../files';
import { pathIn, picturesOf } from '../folder/fileTree';
import { isSameSplit, liesInSplit, noSuchSplit } from '../folder/splits';
import { sampleOf } from '../image';
import { keepProblem } from '../keepProblem';
import { findYoloFiles, type YoloFiles } from './findYoloFiles';
import { isLabelRow } from './isLabelRow';
import { expectedLabel, LabelFinder } from './labelFinder';
import { parseYolo } from './parseYolo';

/**
 * Reads ultralytics' and darknet's layouts. A picture without a label file has no objects. Every picture's header is
 * read, because the boxes are fractions of its size.
 */
export async function readYolo(path: string, options: ReadOptions): Promise<Annotations> {
  const { split, classes, maxPixels } = options;
  const files = await findYoloFiles(path, options);
  const names = files.names ?? classes;
  if (!names) throw namesMissing(path);
  const pictures = picturesIn(files, { path, split });
  const finder = new LabelFinder(files.labels);
  const labels = pictures.map((picture) => finder.find(picture));
  if (pictures.length > 0 && labels.every((label) => label === undefined)) {
    throw labelsMissing(path, pathIn(files.labels, expectedLabel(pictures[0]!)));
  }
  const problems = [...files.problems, ...doubledNames(files)];
  const counts = { confidences: 0, overshoots: 0 };
  const read = async (picture: string, i: number): Promise<AnnotatedImage | undefined> =>
    keepProblem(readOne(picture, { files, label: labels[i], names, problems, counts, maxPixels }), problems);
  const images = (await pMap(pictures, read, { concurrency })).filter((image) => image !== undefined);
  for (const image of images) image.id = idOf(image.id, split);
  if (counts.confidences > 0) problems.push(confidences(path, counts.confidences));
  if (counts.overshoots > 0) problems.push(overshoots(path, counts.overshoots));
  return {
    name: basename(resolve(files.root)),
    classes: classes ?? [...new Set(names)],
    images,
    problems: [...problems, ...(await orphans(files, { finder, split }))],
    known: [...finder.files].map((file) => pathIn(files.labels, file)),
  };
}

function picturesIn(files: YoloFiles, { path, split }: { path: string; split?: string }): string[] {
  const known = [...files.splits.keys()];
  const chosen = split === undefined ? known : known.filter((name) => meansSplit(name, split));
  if (split !== undefined && chosen.length === 0) throw noSuchSplit(path, { split, known });
  return [...new Set(chosen.flatMap((name) => files.splits.get(name) ?? []))];
}

/** A split found by folders may have folders of its own: 'train/2025'. */
function meansSplit(name: string, split: string): boolean {
  return isSameSplit(name, split) || name.split('/').some((part) => isSameSplit(part, split));
}

interface LabelOf {
  files: YoloFiles;
  label: string | undefined;
  names: readonly string[];
  problems: SampleError[];
  counts: { confidences: number; overshoots: number };
  maxPixels?: number;
}

async function readOne(
  picture: string,
  { files, label, names, problems, counts, maxPixels }: LabelOf,
): Promise<AnnotatedImage> {
  const image = pathIn(files.images, picture);
  const header = await sampleOf(readImageHeader(image, { maxPixels }));
  const file = pathIn(files.labels, label ?? expectedLabel(picture));
  const text = label === undefined ? '' : await readText(file);
  const parsed = parseYolo(text, { file, size: header, keypoints: files.keypoints });
  problems.push(...parsed.problems);
  counts.confidences += parsed.confidences;
  counts.overshoots += parsed.overshoots;
  // A number without a name is reported with the other classes that aren't in the list.
  const objects = parsed.objects.map(({ classIndex, ...object }) => ({
    name: names[classIndex] ?? `number ${classIndex}`,
    ...object,
  }));
  return { id: picture, image, file, header, objects };
}

/** The path below the dataset without `images` and the split's own folder. */
function idOf(picture: string, split: string | undefined): string {
  return withoutExtension(picture)
    .split('/')
    .filter(
      (part, i, { length }) =>
        i === length - 1 ||
        (part.toLowerCase() !== 'images' && (split === undefined || !isSameSplit(part, split))),
    )
    .join('/');
}

/** Label files of no picture, each a sample that would be lost in silence. */
async function orphans(
  files: YoloFiles,
  { finder, split }: { finder: LabelFinder; split?: string },
): Promise<SampleError[]> {
  const pictures = new Set([...picturesOf(files.images), ...[...files.splits.values()].flat()]);
  const labelled = new Set([...pictures].map((picture) => finder.find(picture)));
  const rest = [...finder.files].filter(
    (file) => !labelled.has(file) && (split === undefined || liesInSplit(file, split)),
  );
  const problems: SampleError[] = [];
  for (const label of rest) {
    const file = pathIn(files.labels, label);
    const text = await keepProblem(readText(file), problems);
    // A read-me or a list of pictures is no label file.
    if (text !== undefined && splitLines(text).some(isLabelRow)) problems.push(noPicture(file));
  }
  return problems;
}

function noPicture(file: string): SampleError {
  return new SampleError(file, {
    what: 'there is no picture of this label file, sample skipped',
    cure: 'put the picture there, or delete the label file',
  });
}

/** Names that stand in the list twice: one class. */
function doubledNames({ names = [], namesFile }: YoloFiles): SampleError[] {
  const doubled = [...new Set(names.filter((name, i) => names.indexOf(name) !== i))];
  return doubled.map((name) => {
    const numbers = names.flatMap((other, i) => (other === name ? [i] : []));
    return new SampleError(namesFile, {
      what: `the class name '${name}' stands at ${numbers.join(' and ')}, taken as one class`,
      cure: 'rename one of them where they differ',
      kind: 'note',
    });
  });
}

function confidences(path: string, count: number): SampleError {
  return new SampleError(path, {
    what: `${counted(count, 'box')} with a sixth number, taken as a detector's confidence and dropped`,
    cure: 'check that the labels are not predictions',
    kind: 'note',
  });
}

function overshoots(path: string, count: number): SampleError {
  return new SampleError(path, {
    what: `${counted(count, 'box')} reaching over the border by a twentieth of the picture or more, cut there`,
    cure: 'check that rows are class, centre, width and height, not corners',
    kind: 'note',
  });
}

function namesMissing(path: string): SampleError {
  return new SampleError(path, {
    what: 'no class names (looked for a .yaml with names, classes.txt, obj.names)',
    cure: 'add one of them, or give `classes`',
  });
}

function labelsMissing(path: string, expected: string): SampleError {
  return new SampleError(path, {
    what: `none of its pictures has a label file (the first looked for is ${expected})`,
    cure: 'put labels/ beside images/, or each .txt beside its picture',
  });
}
