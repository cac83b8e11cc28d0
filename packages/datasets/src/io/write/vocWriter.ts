import { XMLBuilder } from 'fast-xml-parser';
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { Sample } from '../../types';
import { SampleError } from '../../types';
import { withoutExtension } from '../files';
import type { FormatWriter, WriterOptions, WrittenObject } from './formatWriter';
import { objectsOf, round } from './formatWriter';

const builder = new XMLBuilder({ format: true, suppressEmptyNode: true });

/** The devkit's layout. A crowd becomes `difficult`, which evaluation ignores too. */
export function vocWriter(folder: string, { split, classes }: WriterOptions): FormatWriter {
  const annotations = join(folder, 'Annotations');
  const imageFolder = join(folder, 'JPEGImages');
  const mark = join(folder, 'ImageSets', 'Main', `${split}.txt`);
  const stems: string[] = [];
  const prepare = async (): Promise<void> => {
    await mkdir(annotations, { recursive: true });
    await mkdir(dirname(mark), { recursive: true });
  };
  const add = async ({ image, truth }: Sample, imageName: string): Promise<SampleError[]> => {
    const stem = withoutExtension(imageName);
    const file = join(annotations, `${stem}.xml`);
    const objects = objectsOf(truth);
    const thin = objects.filter(isThin);
    const annotation = {
      folder: basename(resolve(imageFolder)),
      filename: imageName,
      size: { width: image.width, height: image.height, depth: 3 },
      segmented: 0,
      object: objects.filter((object) => !isThin(object)).map((object) => toXml(object, classes)),
    };
    await writeFile(file, String(builder.build({ annotation })));
    stems.push(stem);
    return thin.map(({ box }) => tooThin(file, box));
  };
  const finish = async (): Promise<void> => {
    await writeFile(mark, stems.map((stem) => `${stem}\n`).join(''));
  };
  return { imageFolder, mark, prepare, add, finish };
}

function toXml(
  { box: [x1, y1, x2, y2], label, difficult, crowd }: WrittenObject,
  classes: readonly string[],
): object {
  return {
    name: classes[label - 1],
    pose: 'Unspecified',
    truncated: 0,
    difficult: Number(difficult || crowd),
    bndbox: { xmin: round(x1 + 1), ymin: round(y1 + 1), xmax: round(x2), ymax: round(y2) },
  };
}

/** Inclusive corners of such a box would coincide, and be taken for a click. */
function isThin({ box: [x1, y1, x2, y2] }: WrittenObject): boolean {
  return round(x2) <= round(x1 + 1) || round(y2) <= round(y1 + 1);
}

function tooThin(file: string, box: readonly number[]): SampleError {
  return new SampleError(file, {
    what: `the box [${box.map(round).join(', ')}] is no wider or higher than a pixel, box left out`,
    cure: 'write COCO or YOLO, whose boxes have no inclusive corners',
  });
}
