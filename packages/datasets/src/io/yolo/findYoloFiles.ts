import { imageExtensions } from '@roikit/image/node';
import { readFile } from 'node:fs/promises';
import { dirname, extname, isAbsolute, join, resolve } from 'node:path';
import { parse } from 'yaml';
import { SampleError } from '../../types';
import { isFile, isFolder, listByExtension, readLines, subfolders } from '../files';

export interface YoloFiles {
  root: string;
  /** Class names where the dataset has them. */
  names?: string[];
  /** Folders of pictures and `.txt` lists of pictures, by split. */
  sources: Map<string, string[]>;
}

/** Files with one class name a line, as darknet and labelImg write them. */
const nameFiles = ['classes.txt', 'obj.names', '_darknet.labels'];

/** Finds pictures and names: from ultralytics' `data.yaml` where there is one, else from the folders. */
export async function findYoloFiles(path: string): Promise<YoloFiles> {
  if (await isFile(path)) return fromYaml(path);
  const [yaml] = await listByExtension(path, ['.yaml', '.yml']);
  return yaml === undefined ? fromFolders(path) : fromYaml(join(path, yaml));
}

async function fromYaml(file: string): Promise<YoloFiles> {
  const content = parseYaml(await readFile(file, 'utf8'), file);
  const folder = dirname(file);
  const declared = typeof content['path'] === 'string' ? resolve(folder, content['path']) : folder;
  // The declared path is often that of the machine it was written on.
  const root = (await isFolder(declared)) ? declared : folder;
  const sources = new Map<string, string[]>();
  for (const split of ['train', 'val', 'test']) {
    const entries = [content[split]]
      .flat()
      .filter((entry) => typeof entry === 'string' && entry !== '') as string[];
    const paths = await Promise.all(entries.map(async (entry) => resolveEntry(entry, root)));
    if (paths.length > 0) sources.set(split, paths);
  }
  return { root, names: parseNames(content['names'], file), sources };
}

function parseYaml(text: string, file: string): Record<string, unknown> {
  let content: unknown;
  try {
    content = parse(text);
  } catch (error) {
    throw badYaml(
      file,
      `is not YAML (${error instanceof Error ? error.message.split('\n')[0] : String(error)})`,
    );
  }
  if (typeof content !== 'object' || content === null) throw badYaml(file, 'is not a YAML mapping');
  return content as Record<string, unknown>;
}

/** `names` is a list, or a mapping from class index to name. */
function parseNames(names: unknown, file: string): string[] | undefined {
  if (names === undefined || names === null) return undefined;
  if (typeof names !== 'object') throw badYaml(file, `has names '${String(names)}'`);
  const byIndex: string[] = [];
  for (const [index, name] of Object.entries(names)) {
    if (!/^\d{1,5}$/.test(index)) throw badYaml(file, `has names with index '${index}'`);
    if (typeof name === 'object') throw badYaml(file, `has no text as name ${index}`);
    byIndex[Number(index)] = String(name);
  }
  // An index that the mapping leaves out still has its place.
  return Array.from(byIndex, (name, index) => name ?? String(index));
}

function badYaml(file: string, fault: string): SampleError {
  return new SampleError(file, {
    what: `the file ${fault}`,
    cure: 'it needs train, val (folders of pictures) and names (a list of classes)',
  });
}

/** Roboflow writes '../train/images' where 'train/images' is meant; ultralytics allows for it, and so does this. */
async function resolveEntry(entry: string, root: string): Promise<string> {
  const path = isAbsolute(entry) ? entry : join(root, entry);
  const found = (await isFolder(path)) || (await isFile(path));
  return !found && entry.startsWith('../') ? join(root, entry.slice(3)) : path;
}

/** `images/<split>`, `<split>/images`, `images/`, or pictures and labels side by side. */
async function fromFolders(root: string): Promise<YoloFiles> {
  const sources = new Map<string, string[]>();
  for (const folder of [root, ...(await subfolders(root, { depth: 2 }))]) {
    if ((await listByExtension(folder, imageExtensions)).length === 0) continue;
    const parts = folder
      .slice(root.length)
      .split(/[\\/]/)
      .filter((part) => part !== '' && part !== 'images');
    const split = parts.join('/');
    sources.set(split, [...(sources.get(split) ?? []), folder]);
  }
  for (const name of nameFiles) {
    if (await isFile(join(root, name))) return { root, names: await readLines(join(root, name)), sources };
  }
  return { root, sources };
}

/** Paths of the pictures in a folder (subfolders too) or in a `.txt` list of paths. */
export async function listPictures(source: string, root: string): Promise<string[]> {
  if (extname(source) === '.txt') {
    return (await readLines(source)).map((line) => (isAbsolute(line) ? line : join(root, line)));
  }
  const paths: string[] = [];
  for (const folder of [source, ...(await subfolders(source, { depth: 1 }))]) {
    paths.push(...(await listByExtension(folder, imageExtensions)).map((name) => join(folder, name)));
  }
  return paths;
}
