import { imageExtensions, readImage } from '@roikit/image/node';
import { readdir } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { ClassificationDataset } from '../train/dataset';

async function imagesIn(folder: string, name: string): Promise<string[]> {
  const files = await readdir(join(folder, name), { recursive: true });
  return files
    .filter((file) => imageExtensions.includes(extname(file).toLowerCase()))
    .sort()
    .map((file) => join(folder, name, file));
}

/**
 * A folder with one folder of pictures for each class, as torchvision's `ImageFolder`: classes in the order of their
 * names. A picture that can't be read is an `ImageFileError` from `get`, which names the file.
 *
 * @throws Error where the folder can't be read, RangeError where it holds fewer than two classes.
 */
export async function openImageFolder(folder: string): Promise<ClassificationDataset> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw new Error(`openImageFolder: cannot read ${folder}; check the path`, { cause });
  });
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const found = await Promise.all(
    names.sort().map(async (name) => ({ name, paths: await imagesIn(folder, name) })),
  );
  const filled = found.filter(({ paths }) => paths.length > 0);
  if (filled.length < 2) {
    throw new RangeError(
      `openImageFolder: ${folder} must hold two or more folders of pictures, one a class, got ${filled.length}`,
    );
  }
  const files = filled.flatMap(({ paths }, label) => paths.map((path) => ({ path, label })));
  return {
    classes: filled.map(({ name }) => name),
    length: files.length,
    name: (index) => files[index]!.path,
    async get(index) {
      const { path, label } = files[index]!;
      return { image: await readImage(path), label };
    },
  };
}
