import type { ImageSize } from '@roikit/geometry';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { Sample } from '../../types';
import { SampleError } from '../../types';
import { counted } from '../counted';
import { isFile, withoutExtension } from '../files';
import type { FormatWriter, WriterOptions, WrittenObject } from './formatWriter';
import { objectsOf } from './formatWriter';

/**
 * Ultralytics' layout: `images/<split>`, `labels/<split>`, `data.yaml`. Crowds are left out, as ultralytics' converter
 * does; `difficult` and the annotated area are lost.
 */
export function yoloWriter(folder: string, { split, classes }: WriterOptions): FormatWriter {
  const imageFolder = join(folder, 'images', split);
  const labels = join(folder, 'labels', split);
  const yaml = join(folder, 'data.yaml');
  const prepare = async (): Promise<void> => {
    requireKnownSplit(yaml, split);
    requireSameNames(yaml, { before: (await readYaml(yaml))['names'], classes });
    await mkdir(labels, { recursive: true });
  };
  const add = async ({ image, truth }: Sample, imageName: string): Promise<SampleError[]> => {
    const file = join(labels, `${withoutExtension(imageName)}.txt`);
    const objects = objectsOf(truth);
    const crowds = objects.filter(({ crowd }) => crowd);
    await writeFile(
      file,
      objects
        .filter(({ crowd }) => !crowd)
        .map((object) => toLine(object, image))
        .join(''),
    );
    return crowds.length > 0 ? [crowdsLost(file, crowds.length)] : [];
  };
  // Added to the splits that were written before.
  const finish = async (): Promise<void> =>
    writeFile(yaml, stringify({ ...(await readYaml(yaml)), [split]: `images/${split}`, names: classes }));
  return { imageFolder, mark: imageFolder, prepare, add, finish };
}

/** 8 digits: a hundred-thousandth of a pixel in a photo of 1000. */
function toLine({ box: [x1, y1, x2, y2], label }: WrittenObject, { width, height }: ImageSize): string {
  const fractions = [(x1 + x2) / 2 / width, (y1 + y2) / 2 / height, (x2 - x1) / width, (y2 - y1) / height];
  return `${label - 1} ${fractions.map((value) => value.toFixed(8)).join(' ')}\n`;
}

async function readYaml(file: string): Promise<Record<string, unknown>> {
  if (!(await isFile(file))) return {};
  return parse(await readFile(file, 'utf8')) as Record<string, unknown>;
}

/** Another key of a data.yaml is no split to anybody. */
function requireKnownSplit(file: string, split: string): void {
  if (['train', 'val', 'valid', 'validation', 'test'].includes(split)) return;
  throw new SampleError(file, {
    what: `YOLO has the splits train, val and test, not '${split}'`,
    cure: 'choose one of them, or write VOC or COCO',
  });
}

/** The labels of all splits are numbers into one list. */
function requireSameNames(
  file: string,
  { before, classes }: { before: unknown; classes: readonly string[] },
): void {
  if (before === undefined || JSON.stringify(before) === JSON.stringify(classes)) return;
  throw new SampleError(file, {
    what: `its names are ${JSON.stringify(before)}, the dataset's classes ${JSON.stringify(classes)}`,
    cure: 'open the dataset with those `classes`, or write to another folder',
  });
}

function crowdsLost(file: string, count: number): SampleError {
  return new SampleError(file, {
    what: `${counted(count, 'crowd box')} left out, which YOLO can't mark`,
    cure: 'write COCO to keep them',
  });
}
