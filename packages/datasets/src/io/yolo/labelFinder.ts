import { posix } from 'node:path';
import { withoutExtension } from '../files';
import { withEnding, type FileTree } from '../folder/fileTree';
import { PairIndex } from '../folder/pairing';
import { isNameFile } from './yoloNames';

/**
 * Finds a picture's label file as ultralytics does, `images` exchanged for `labels` in its path, but below the dataset's
 * root only; else the one of the same name beside it, or in any other folder for labels.
 */
export class LabelFinder {
  readonly #files: ReadonlySet<string>;
  readonly #partners: PairIndex;

  constructor(tree: FileTree) {
    const texts = withEnding(tree, ['.txt']);
    this.#files = new Set(texts);
    this.#partners = new PairIndex(texts);
  }

  /** The label file of a picture, both as paths below their roots; undefined where there is none. */
  find(picture: string): string | undefined {
    const beside = `${withoutExtension(picture)}.txt`;
    return [expectedLabel(picture), beside].find((file) => this.#files.has(file)) ?? this.#partner(picture);
  }

  #partner(picture: string): string | undefined {
    const [first, ...others] = this.#partners.partners(picture);
    return others.length === 0 ? first : undefined;
  }

  /** Every label file; a picture may be called 'classes', but nothing else makes `classes.txt` one. */
  get files(): string[] {
    return [...this.#files].filter((file) => !isNameFile(file));
  }
}

/** `images/train/a.jpg` → `labels/train/a.txt`. */
export function expectedLabel(picture: string): string {
  const parts = `${withoutExtension(picture)}.txt`.split('/');
  const last = parts.findLastIndex((part, i) => i < parts.length - 1 && part.toLowerCase() === 'images');
  if (last >= 0) parts[last] = parts[last] === 'Images' ? 'Labels' : 'labels';
  return posix.join(...parts);
}
