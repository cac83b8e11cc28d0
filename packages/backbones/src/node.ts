import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { RgbImage } from '@roikit/image';
import type { ClassificationDataset } from './train/dataset';

const imageName = /\.(jpe?g|png|webp|bmp|gif|tiff?|avif)$/i;

async function imagesIn(folder: string, name: string): Promise<string[]> {
  const files = await readdir(join(folder, name), { recursive: true });
  return files
    .filter((file) => imageName.test(file))
    .sort()
    .map((file) => join(folder, name, file));
}

/**
 * A folder with one folder of pictures for each class, as torchvision's `ImageFolder`: classes in the order of their
 * names.
 *
 * @param readImage decodes one file, such as `readImage` of `@roikit/image/node`.
 */
export async function openImageFolder(
  folder: string,
  { readImage }: { readImage: (path: string) => Promise<RgbImage> },
): Promise<ClassificationDataset> {
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
    async get(index) {
      const { path, label } = files[index];
      const image = await readImage(path).catch((cause: unknown) => {
        throw new Error(`openImageFolder: cannot read the picture ${path}; repair or remove it`, { cause });
      });
      return { image, label };
    },
  };
}
