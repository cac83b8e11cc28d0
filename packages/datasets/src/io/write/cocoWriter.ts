import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Sample, SampleError } from '../../types';
import type { FormatWriter, WriterOptions } from './formatWriter';
import { objectsOf, round } from './formatWriter';

/** `images/` and `annotations/instances_<split>.json`. `difficult` becomes `ignore`, as in mmdetection's converter. */
export function cocoWriter(folder: string, { split, classes }: WriterOptions): FormatWriter {
  const mark = join(folder, 'annotations', `instances_${split}.json`);
  const images: object[] = [];
  const annotations: object[] = [];
  const prepare = async (): Promise<void> => {
    await mkdir(dirname(mark), { recursive: true });
  };
  const add = async ({ image, truth }: Sample, imageName: string): Promise<SampleError[]> => {
    const imageId = images.length + 1;
    images.push({ id: imageId, file_name: imageName, width: image.width, height: image.height });
    for (const { box, label, difficult, crowd, area } of objectsOf(truth)) {
      const [x, y, width, height] = [box[0], box[1], box[2] - box[0], box[3] - box[1]].map(
        round,
      ) as typeof box;
      annotations.push({
        id: annotations.length + 1,
        image_id: imageId,
        category_id: label,
        bbox: [x, y, width, height],
        area: round(area ?? width * height),
        iscrowd: Number(crowd),
        ...(difficult && { ignore: 1 }),
      });
    }
    return [];
  };
  const finish = async (): Promise<void> => {
    const categories = classes.map((name, i) => ({ id: i + 1, name, supercategory: 'none' }));
    await writeFile(mark, JSON.stringify({ images, annotations, categories }));
  };
  return { imageFolder: join(folder, 'images'), mark, prepare, add, finish };
}
