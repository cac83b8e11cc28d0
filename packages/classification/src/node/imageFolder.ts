import { imageExtensions, listFiles, readImage } from '@roikit/image/node';
import { readdir, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { ClassificationDataset } from '../train/dataset';

async function imagesIn(folder: string): Promise<string[]> {
  const errors: Error[] = [];
  const files = await listFiles(folder, (below, cause) => errors.push(cannotRead(below, cause)));
  if (errors[0]) throw errors[0];
  const pictures = files.filter((file) => imageExtensions.includes(extname(file).toLowerCase()));
  return pictures.map((file) => join(folder, file));
}

/** Names of the folders in a folder, linked ones too, without hidden ones. */
async function foldersIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((cause: unknown) => {
    throw cannotRead(folder, cause);
  });
  const shown = names.filter((name) => !name.startsWith('.')).sort();
  const kinds = await Promise.all(shown.map(async (name) => stat(join(folder, name)).catch(() => undefined)));
  return shown.filter((_, i) => kinds[i]?.isDirectory());
}

function cannotRead(folder: string, cause: unknown): Error {
  const { message } = cause as Error;
  return new Error(
    `openImageFolder: cannot read ${folder} (${message}); check the path and its permissions`,
    {
      cause,
    },
  );
}

/**
 * A folder with one folder of pictures for each class, as torchvision's `ImageFolder`: classes in the order of their
 * names. A picture that can't be read is an `ImageFileError` from `get`, which names the file.
 *
 * @throws Error where the folder can't be read, RangeError where it holds fewer than two classes.
 */
export async function openImageFolder(folder: string): Promise<ClassificationDataset> {
  const names = await foldersIn(folder);
  const found = await Promise.all(
    names.map(async (name) => ({ name, paths: await imagesIn(join(folder, name)) })),
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
