import { openDataset, type FileDataset, type OpenDatasetOptions } from '../src/node';
import { temporaryFolder, vocXml, writeFiles } from './fixtures';

export type Files = Parameters<typeof writeFiles>[1];
export type Size = [number, number];
export const size: Size = [64, 48];

export async function open(files: Files, options: OpenDatasetOptions = {}): Promise<FileDataset> {
  return openDataset(await writeFiles(temporaryFolder(), files), options);
}

/** Ids, with the left edge of the first box: each annotation below has one of its own. */
export function found(dataset: FileDataset): Record<string, number | undefined> {
  return Object.fromEntries(
    Array.from({ length: dataset.length }, (_, i) => [dataset.id(i), Math.round(dataset.truth(i).boxes[0]!)]),
  );
}

export const messages = (dataset: FileDataset): string[] => dataset.problems.map(({ message }) => message);

/** An annotation whose box begins at `left`. */
export const xml = (left: number, filename = 'x.jpg', name = 'cat'): string =>
  vocXml([{ name, box: [left + 1, 1, left + 20, 20] }], { filename });
export const row = (left: number): string => `0 ${(left + 10) / 64} .5 ${20 / 64} .5`;
export const coco = (
  images: object[],
  annotations: object[],
  categories: object[] = [{ id: 1, name: 'cat' }],
): string => JSON.stringify({ images, annotations, categories });
export const annotation = (image: unknown, left: number): object => ({
  image_id: image,
  category_id: 1,
  bbox: [left, 1, 20, 20],
});
