import { realpath } from 'node:fs/promises';
import { dirname, join, posix, resolve } from 'node:path';
import { SampleError } from '../../types';
import type { ReadOptions } from '../annotations';
import { readText, splitLines } from '../decodeText';
import { isFile, isFolder, withoutExtension } from '../files';
import {
  pathIn,
  picturesOf,
  readTree,
  subtree,
  withEnding,
  withinTree,
  type FileTree,
} from '../folder/fileTree';
import { openFolders } from '../folder/folders';
import { append, isGenericFolder } from '../folder/pairing';
import { PictureFinder } from '../folder/pictureFinder';
import { isSameSplit } from '../folder/splits';
import { findNames } from './yoloNames';
import type { LabelPlace } from './parseYolo';
import { isYoloYaml, parseYoloYaml } from './yoloYaml';

export interface YoloFiles {
  root: string;
  /** Where labels are looked for, and where pictures are. */
  labels: FileTree;
  images: FileTree;
  /** Class names where the dataset has them, and the file they are in. */
  names?: string[];
  namesFile: string;
  keypoints?: LabelPlace['keypoints'];
  /** Pictures by split, as paths below `images`. */
  splits: Map<string, string[]>;
  problems: SampleError[];
}

/** Finds pictures and names: from ultralytics' `data.yaml` where there is one, else from lists or the folders. */
export async function findYoloFiles(path: string, options: ReadOptions): Promise<YoloFiles> {
  const folders = await openFolders(path, options);
  const tree = folders.annotations;
  const file = (await isFile(path)) ? path : await findYaml(tree);
  if (file !== undefined) return fromYaml(file, { options });
  const problems: SampleError[] = [];
  const base = { root: tree.root, labels: tree, images: folders.images, namesFile: tree.root, problems };
  return {
    ...base,
    names: options.classes ? undefined : await findNames(tree),
    splits: await fromFolders(folders.images, problems),
  };
}

const usualName = /(^|\/)(data|dataset)\.ya?ml$/i;

/** The YAML nearest to the top that is a dataset's. Rejects where two of them are. */
async function findYaml(tree: FileTree): Promise<string | undefined> {
  const found: string[] = [];
  for (const file of withEnding(tree, ['.yaml', '.yml'])) {
    const usual = usualName.test(file);
    if (usual || isYoloYaml(await readText(pathIn(tree, file)))) found.push(file);
  }
  const depth = (file: string): number => file.split('/').length;
  const top = found.filter((file) => depth(file) === Math.min(...found.map(depth)));
  const usual = top.filter((file) => usualName.test(file));
  const [file, second] = usual.length > 0 ? usual : top;
  if (file === undefined) return undefined;
  if (second === undefined) return pathIn(tree, file);
  throw new SampleError(tree.root, {
    what: `more than one .yaml with classes or pictures (${top.join(', ')})`,
    cure: 'give the path of one of them',
  });
}

async function fromYaml(file: string, { options }: { options: ReadOptions }): Promise<YoloFiles> {
  const yaml = parseYoloYaml(await readText(file), file);
  const folder = dirname(file);
  const declared = yaml.path === undefined ? folder : resolve(folder, yaml.path);
  // The declared path is often that of the machine it was written on.
  const root = (await isFolder(declared)) ? declared : folder;
  const { annotations: labels, images } = await openFolders(root, options);
  const problems: SampleError[] = [];
  const splits = new Map<string, string[]>();
  const finder = new PictureFinder(picturesOf(images));
  for (const [split, entries] of yaml.splits) {
    const lists = entries.map(async (entry) =>
      resolveEntry(entry, { tree: images, finder, problems, file, split }),
    );
    splits.set(split, [...new Set((await Promise.all(lists)).flat())]);
  }
  if (splits.size === 0)
    for (const [split, list] of await fromFolders(images, problems)) splits.set(split, list);
  const { numClasses } = yaml;
  if (yaml.names && numClasses !== undefined && numClasses !== yaml.names.length)
    problems.push(otherCount(file, { numClasses, names: yaml.names.length }));
  const names = yaml.names ?? (options.classes ? undefined : await findNames(labels));
  return { root, labels, images, names, namesFile: file, keypoints: yaml.keypoints, splits, problems };
}

function otherCount(file: string, { numClasses, names }: { numClasses: number; names: number }): SampleError {
  return new SampleError(file, {
    what: `nc is ${numClasses}, but names has ${names}, which are taken`,
    cure: 'correct the one that is wrong',
    kind: 'note',
  });
}

interface EntryPlace {
  tree: FileTree;
  finder: PictureFinder;
  problems: SampleError[];
  /** The data.yaml. */
  file: string;
  split: string;
}

/**
 * Pictures of an entry: a folder, a list, or a picture. Roboflow writes '../train/images' where 'train/images' is meant,
 * and a path may be that of another machine: the longest end of it that is here counts.
 */
async function resolveEntry(
  entry: string,
  { tree, finder, problems, file, split }: EntryPlace,
): Promise<string[]> {
  const slashed = entry.trim().replace(/\\/g, '/');
  const direct = resolve(tree.root, slashed);
  const parts = slashed
    .replace(/^[a-z]:/i, '')
    .split('/')
    .filter((part) => part !== '' && part !== '.' && part !== '..');
  for (let from = -1; from < parts.length; from++) {
    const path = from < 0 ? direct : join(tree.root, ...parts.slice(from));
    // The end of a foreign path must name a folder that is here: an empty one would be everything.
    const below = withinTree(tree, path);
    if (await isFile(path)) return readPictureList(path, { tree, finder, problems });
    if (!(await isFolder(path))) continue;
    if (below !== undefined) return picturesOf(await subtreeOf(tree, path, below));
    if (path === tree.root) return picturesOf(tree);
    const outside = await readTree(path);
    return picturesOf(outside).map((picture) => outsidePath(tree, pathIn(outside, picture)));
  }
  problems.push(
    new SampleError(file, {
      what: `'${split}' names ${entry}, which is not there (looked for it in ${tree.root})`,
      cure: 'correct the path, or put the folder there',
    }),
  );
  return [];
}

/** The folder's part of the tree, which lists a folder once: one that is a link may be there by its own path only. */
async function subtreeOf(tree: FileTree, path: string, below: string): Promise<FileTree> {
  const own = subtree(tree, below);
  if (own.files.length > 0) return own;
  const real = withinTree({ ...tree, root: await realpath(tree.root) }, await realpath(path));
  return real === undefined ? own : subtree(tree, real);
}

/** Pictures outside of the tree keep their path, relative to it. */
function outsidePath({ root }: FileTree, path: string): string {
  return posix.relative(root.replace(/\\/g, '/'), path.replace(/\\/g, '/'));
}

/** Lines of a list: relative to the list ('./', as ultralytics reads it), to the dataset, or of another machine. */
async function readPictureList(
  list: string,
  { tree, finder, problems }: Pick<EntryPlace, 'tree' | 'finder' | 'problems'>,
): Promise<string[]> {
  const folder = withinTree(tree, dirname(list)) ?? '';
  const pictures: string[] = [];
  for (const [i, line] of splitLines(await readText(list)).entries()) {
    if (line.trim() === '') continue;
    const found = finder.find(line, { near: [...new Set([folder, ''])] });
    const path = resolve(dirname(list), line.trim());
    if ('picture' in found) pictures.push(found.picture);
    else if (await isFile(path)) pictures.push(outsidePath(tree, path));
    else problems.push(badLine(list, { number: i + 1, fault: found.fault }));
  }
  return pictures;
}

function badLine(list: string, { number, fault }: { number: number; fault: string }): SampleError {
  return new SampleError(list, {
    what: `line ${number}: ${fault}, sample skipped`,
    cure: 'correct or delete that line',
  });
}

/** Without a data.yaml: lists named after splits (CVAT's train.txt), else `images/<split>`, `<split>/images` or one folder. */
async function fromFolders(tree: FileTree, problems: SampleError[]): Promise<Map<string, string[]>> {
  const splits = new Map<string, string[]>();
  const pictures = picturesOf(tree);
  for (const picture of pictures) {
    const split = posix
      .dirname(picture)
      .split('/')
      .filter((part) => part !== '.' && !isGenericFolder(part))
      .join('/');
    append(splits, split, picture);
  }
  const finder = new PictureFinder(pictures);
  for (const list of withEnding(tree, ['.txt'])) {
    const name = withoutExtension(posix.basename(list));
    if (!['train', 'val', 'test'].some((split) => isSameSplit(split, name))) continue;
    if ([...splits.keys()].some((split) => isSameSplit(split.split('/')[0]!, name))) continue;
    const unread: SampleError[] = [];
    const listed = await readPictureList(pathIn(tree, list), { tree, finder, problems: unread });
    // A label file may be called test.txt, too.
    if (listed.length === 0) continue;
    splits.set(name, listed);
    problems.push(...unread);
  }
  return splits;
}
