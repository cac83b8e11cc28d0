import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Sample, SampleError } from '../../types';
import type { FormatWriter, WriterOptions, WrittenObject } from './formatWriter';
import { objectsOf, round } from './formatWriter';
import { JsonListFile } from './jsonListFile';

/**
 * `images/` and `annotations/instances_<split>.json`, whose lists grow on disk. `difficult` becomes `ignore`, as in
 * mmdetection's converter.
 */
export function cocoWriter(folder: string, { split, classes }: WriterOptions): FormatWriter {
  const mark = join(folder, 'annotations', `instances_${split}.json`);
  const part = `${mark}.part`;
  const lists: JsonListFile[] = [];
  const prepare = async (): Promise<void> => {
    await mkdir(dirname(mark), { recursive: true });
    for (const name of ['images', 'annotations'])
      lists.push(await JsonListFile.create(`${mark}.${name}.part`));
  };
  const add = async ({ image, truth }: Sample, imageName: string): Promise<SampleError[]> => {
    const [images, annotations] = lists as [JsonListFile, JsonListFile];
    const imageId = images.length + 1;
    const size = { width: image.width, height: image.height };
    await images.append([{ id: imageId, file_name: imageName, ...size }]);
    const first = annotations.length + 1;
    await annotations.append(
      objectsOf(truth).map((object, i) => toAnnotation(object, { id: first + i, imageId })),
    );
    return [];
  };
  const finish = async (): Promise<void> => {
    const categories = classes.map((name, i) => ({ id: i + 1, name, supercategory: 'none' }));
    await writeFile(part, wholeFile(lists as [JsonListFile, JsonListFile], categories));
    await rename(part, mark);
  };
  const close = async (): Promise<void> => {
    for (const list of lists) await list.remove();
    await rm(part, { force: true });
  };
  return { imageFolder: join(folder, 'images'), mark, prepare, add, finish, close };
}

function toAnnotation(
  { box: [x1, y1, x2, y2], label, difficult, crowd, area }: WrittenObject,
  { id, imageId }: { id: number; imageId: number },
): object {
  const bbox = [x1, y1, x2 - x1, y2 - y1].map(round) as [number, number, number, number];
  return {
    id,
    image_id: imageId,
    category_id: label,
    bbox,
    area: round(area ?? bbox[2] * bbox[3]),
    iscrowd: Number(crowd),
    ...(difficult && { ignore: 1 }),
  };
}

async function* wholeFile(
  [images, annotations]: readonly [JsonListFile, JsonListFile],
  categories: readonly object[],
): AsyncGenerator<string | Buffer> {
  yield '{"images":[';
  yield* images.read();
  yield '],"annotations":[';
  yield* annotations.read();
  yield `],"categories":${JSON.stringify(categories)}}`;
}
