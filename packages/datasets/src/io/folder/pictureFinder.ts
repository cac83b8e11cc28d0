import { imageExtensions } from '@roikit/image/node';
import { posix } from 'node:path';
import { withoutExtension } from '../files';
import { append, isGenericFolder, pairKey } from './pairing';

/** The picture that an annotation means, or why there is none. */
export type Finding = { picture: string } | { fault: string };

/**
 * Finds pictures by the names that annotations carry: relative, absolute, of another machine, with the separators of
 * Windows, in percent code, without ending or in another case.
 *
 * A picture fits a name where one path is the end of the other, so never where only the file's own name agrees and
 * folders don't. Of several, the longest agreement wins, then the folder nearest to `near`; what is left undecided is a
 * fault.
 */
export class PictureFinder {
  readonly #pictures: ReadonlySet<string>;
  readonly #byStem = new Map<string, string[]>();
  /** Names of folders that hold pictures and mean something. */
  readonly #folders = new Set<string>();

  /** @param pictures paths below the dataset's root, with '/' */
  constructor(pictures: readonly string[]) {
    this.#pictures = new Set(pictures);
    for (const picture of pictures) {
      append(this.#byStem, stemOf(picture).toLowerCase(), picture);
      for (const folder of segments(picture).slice(0, -1))
        if (!isGenericFolder(folder)) this.#folders.add(folder);
    }
  }

  /**
   * @param written the name as the annotation has it
   * @param options.near folders, '' for the root, that the name may be relative to, best first
   * @param options.whole only pictures whose path ends in the whole name
   */
  find(
    written: string,
    { near = [''], whole = false }: { near?: readonly string[]; whole?: boolean } = {},
  ): Finding {
    const names = readings(written);
    for (const name of names) {
      for (const folder of near) {
        const path = posix.normalize(posix.join(folder, name));
        if (this.#pictures.has(path)) return { picture: path };
      }
    }
    for (const name of names) {
      const finding = this.#byTail(normalized(name), { near, whole });
      if (finding) return finding;
    }
    return { fault: `there is no picture '${written}'` };
  }

  #byTail(name: string, { near, whole }: { near: readonly string[]; whole: boolean }): Finding | undefined {
    if (name === '') return undefined;
    const candidates = (this.#byStem.get(stemOf(name).toLowerCase()) ?? [])
      .map((picture) => ({ picture, ...agreement(picture, { name, near, folders: this.#folders }) }))
      .filter(({ fits, ends }) => (whole ? ends : fits));
    const best = leaders(candidates, [
      ({ length }) => length,
      ({ ending }) => ending,
      ({ nearness }) => nearness,
      ({ exact }) => exact,
    ]);
    if (best.length > 1)
      return { fault: `'${name}' may be ${best.map(({ picture }) => picture).join(' or ')}` };
    return best[0] && { picture: best[0].picture };
  }
}

interface Agreement {
  /** The picture's path ends in the whole name. */
  ends: boolean;
  fits: boolean;
  /** Path segments that agree, from the end. */
  length: number;
  /** 2 for the same ending, 1 where only the case differs, 0 for another. */
  ending: number;
  /** How early in `near` the picture's folder comes, from below. */
  nearness: number;
  exact: number;
}

interface Name {
  name: string;
  near: readonly string[];
  folders: ReadonlySet<string>;
}

function agreement(picture: string, { name, near, folders }: Name): Agreement {
  const [a, b] = [segments(picture), segments(name)];
  let length = 0;
  while (length < a.length && length < b.length && a.at(-1 - length) === b.at(-1 - length)) length++;
  const at = near.findIndex((folder) => posix.dirname(picture) === (folder === '' ? '.' : folder));
  const [x, y] = [posix.extname(picture), posix.extname(name)];
  // What precedes the name in the picture's path may be anything. What precedes the picture in the name may be the path
  // on another machine, but no folder that is here too.
  const preceding = b.at(-1 - length);
  const elsewhere = preceding === undefined || !folders.has(preceding);
  const top = length === a.length || at >= 0 || onlyGeneric(a, length);
  return {
    ends: length === b.length,
    fits: length > 0 && (length === b.length || (top && elsewhere)),
    length,
    ending: x === y ? 2 : x.toLowerCase() === y.toLowerCase() ? 1 : 0,
    nearness: at < 0 ? -near.length : -at,
    exact: stemOf(picture) === stemOf(name) ? 1 : 0,
  };
}

/** `images/a.jpg` may be meant by `/data/x/a.jpg`: a folder `images` tells nothing. */
function onlyGeneric(parts: readonly string[], agreeing: number): boolean {
  return parts.slice(0, parts.length - agreeing).every(isGenericFolder);
}

function segments(path: string): string[] {
  const parts = path.toLowerCase().split('/');
  return [...parts.slice(0, -1), stemOf(parts.at(-1) ?? '')];
}

/** The file's name without the ending of a picture: 'frame.12' has none. */
function stemOf(path: string): string {
  const name = posix.basename(path);
  const isPicture = imageExtensions.includes(posix.extname(name).toLowerCase());
  return isPicture ? withoutExtension(name) : name;
}

/** The items that are best by the first measure, of those the best by the second, and so on. */
function leaders<T>(items: readonly T[], measures: readonly ((item: T) => number)[]): T[] {
  let left = [...items];
  for (const measure of measures) {
    if (left.length < 2) break;
    const top = Math.max(...left.map(measure));
    left = left.filter((item) => measure(item) === top);
  }
  return left;
}

/** An id for a picture: the name as written where it is a plain relative path, else the picture's own path. */
export function idOfName(written: string, picture: string): string {
  const slashed = written
    .trim()
    .replace(/\\/g, '/')
    .replace(/^(\.\/)+/, '');
  const plain = !/^\/|^[a-z]:|^[a-z]+:\/\/|%[0-9a-f]{2}|(^|\/)\.\.(\/|$)/i.test(slashed);
  return plain ? withoutExtension(slashed) : pairKey(picture);
}

/** How a name can be meant: as it stands, then with Windows' separators, then out of a URL. */
function readings(written: string): string[] {
  const plain = written
    .trim()
    .replace(/^(["'])(.*)\1$/, '$2')
    .normalize('NFC');
  const slashed = plain.replace(/\\/g, '/');
  const list = [plain, slashed];
  const bare = slashed.replace(/^[a-z]+:\/\/[^/]*\//i, '').replace(/[?#].*$/, '');
  for (const name of [slashed, bare]) {
    if (!name.includes('%')) continue;
    try {
      list.push(decodeURIComponent(name).normalize('NFC'));
    } catch {
      // A name with a percent sign of its own.
    }
  }
  return [...new Set([...list, bare])];
}

/** Without drive, leading slashes, '.' and '..'. */
function normalized(name: string): string {
  const parts = name.replace(/^[a-z]:/i, '').split('/');
  const kept: string[] = [];
  for (const part of parts) {
    if (part === '' || part === '.') continue;
    if (part === '..') kept.pop();
    else kept.push(part);
  }
  return kept.join('/');
}
