import { withoutExtension } from '../files';

/** Folders that tell what kind of file lies in them, and nothing about which picture it belongs to. */
const annotationFolders = [
  'annotations',
  'annotation',
  'annots',
  'annot',
  'labels',
  'label',
  'xmls',
  'xml',
  'jsons',
  'json',
];
const pictureFolders = ['images', 'image', 'imgs', 'img', 'jpegimages', 'pictures', 'photos'];

/** Whether a folder is one of the two kinds, in any case. */
export function isGenericFolder(name: string): boolean {
  const lower = name.toLowerCase();
  return annotationFolders.includes(lower) || pictureFolders.includes(lower);
}

/**
 * What a picture and its annotation have in common: the path without generic folders and without ending. So
 * `train/images/cam1/a.jpg` is annotated by `train/annotations/cam1/a.xml`, and never by `cam2/a.xml`.
 */
export function pairKey(path: string): string {
  const parts = withoutExtension(path).split('/');
  const name = parts.pop()!;
  return [...parts.filter((part) => !isGenericFolder(part)), name].join('/');
}

/**
 * Whether a picture that an annotation names without a folder may be meant: folders that say something must agree, as far
 * as both have any, so that `cam3/1.xml` never takes `cam1/1.jpg`.
 */
export function mayBelong(annotation: string, picture: string): boolean {
  const [a, b] = [annotation, picture].map(
    (path) => `/${pairKey(path).toLowerCase().split('/').slice(0, -1).join('/')}`,
  ) as [string, string];
  return a === '/' || b === '/' || a.endsWith(b) || b.endsWith(a);
}

/** Paths by `pairKey`; asked for a key that no file has, it tries the key in any case. */
export class PairIndex {
  readonly #exact = new Map<string, string[]>();
  readonly #anyCase = new Map<string, string[]>();

  constructor(paths: Iterable<string>) {
    for (const path of paths) {
      const key = pairKey(path);
      append(this.#exact, key, path);
      append(this.#anyCase, key.toLowerCase(), path);
    }
  }

  /** Every file that belongs to `path`. */
  partners(path: string): readonly string[] {
    const key = pairKey(path);
    return this.#exact.get(key) ?? this.#anyCase.get(key.toLowerCase()) ?? [];
  }
}

export function append<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
