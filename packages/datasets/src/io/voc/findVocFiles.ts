import { join } from 'node:path';
import {
  isFolder,
  isSameSplit,
  list,
  listByExtension,
  noSuchSplit,
  readLines,
  withoutExtension,
} from '../files';

/** Where one annotation lies and where its picture should. */
export interface VocFile {
  id: string;
  /** The XML; a split may name one that doesn't exist. */
  file: string;
  imageFolder: string;
}

export interface VocFiles {
  inSplit: VocFile[];
  /** Those of every split, among which classes are looked for. */
  all: VocFile[];
}

/**
 * Finds the XML files of
 * - the devkit's layout: `Annotations/`, `JPEGImages/` (or `images/`) and `ImageSets/Main/<split>.txt`;
 * - a folder per split (`train/`, `valid/`, …) with XML beside the pictures, as Roboflow exports;
 * - one folder with XML beside the pictures, as labelImg leaves it.
 */
export async function findVocFiles(root: string, split?: string): Promise<VocFiles> {
  const annotations = join(root, 'Annotations');
  if ((await listByExtension(annotations, ['.xml'])).length > 0)
    return devkitFiles(root, { annotations, split });
  const beside = await filesBeside(root, '');
  if (beside.length > 0 && split === undefined) return { inSplit: beside, all: beside };
  const perSplit = new Map<string, VocFile[]>();
  for (const folder of await list(root)) {
    const files = await filesBeside(join(root, folder), `${folder}/`);
    if (files.length > 0) perSplit.set(folder, files);
  }
  const all = [...beside, ...[...perSplit.values()].flat()];
  if (split === undefined) return { inSplit: all, all };
  const known = [...perSplit.keys()];
  const chosen = known.find((name) => isSameSplit(name, split));
  if (chosen === undefined) throw noSuchSplit(join(root, split), { split, known });
  return { inSplit: perSplit.get(chosen) ?? [], all };
}

async function devkitFiles(
  root: string,
  { annotations, split }: { annotations: string; split?: string },
): Promise<VocFiles> {
  const imageFolder = await firstFolder([join(root, 'JPEGImages'), join(root, 'images')]);
  const toFile = (id: string): VocFile => ({ id, file: join(annotations, `${id}.xml`), imageFolder });
  const names = await listByExtension(annotations, ['.xml']);
  const all = names.map((name) => ({ ...toFile(withoutExtension(name)), file: join(annotations, name) }));
  if (split === undefined) return { inSplit: all, all };
  const sets = join(root, 'ImageSets', 'Main');
  const known = (await listByExtension(sets, ['.txt'])).map(withoutExtension);
  const chosen = known.find((name) => isSameSplit(name, split));
  if (chosen === undefined) throw noSuchSplit(join(sets, `${split}.txt`), { split, known });
  // A class's own list (`cat_train.txt`) has a second column, 1 or -1.
  const ids = (await readLines(join(sets, `${chosen}.txt`))).map((line) => line.split(/\s+/)[0] ?? line);
  return { inSplit: ids.map(toFile), all };
}

async function filesBeside(folder: string, prefix: string): Promise<VocFile[]> {
  const names = await listByExtension(folder, ['.xml']);
  return names.map((name) => ({
    id: prefix + withoutExtension(name),
    file: join(folder, name),
    imageFolder: folder,
  }));
}

async function firstFolder(folders: readonly string[]): Promise<string> {
  for (const folder of folders) if (await isFolder(folder)) return folder;
  return folders[0] ?? '.';
}
