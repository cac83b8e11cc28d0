import { basename, dirname, join, posix, resolve } from 'node:path';
import { SampleError } from '../../types';
import type { AnnotatedImage, Annotations, ReadOptions } from '../annotations';
import { readText } from '../decodeText';
import { isFile, withoutExtension } from '../files';
import { pathIn, picturesOf, readTree, withEnding, withinTree, type FileTree } from '../folder/fileTree';
import { givenPath } from '../folder/folders';
import { isGenericFolder } from '../folder/pairing';
import { idOfName, PictureFinder } from '../folder/pictureFinder';
import { isSameSplit } from '../folder/splits';
import { isCoco } from './isCoco';
import { parseCoco } from './parseCoco';

/**
 * Reads a COCO detection file: `path` itself, or the one below the folder `path` that `split` names, as in
 * `annotations/instances_val2017.json` or `valid/_annotations.coco.json`.
 */
export async function readCoco(path: string, options: ReadOptions): Promise<Annotations> {
  const { split, classes } = options;
  const root = await datasetFolder(path);
  const tree = await readTree(root);
  const { file, others } = await jsonFile(path, { root, tree, options });
  const coco = parseCoco(await readText(file), file);
  const pictureTree =
    options.images === undefined
      ? tree
      : await readTree(await givenPath(options.images, { root, option: 'images' }));
  const finder = new PictureFinder(picturesOf(pictureTree));
  const near = usualPlaces(withinTree(tree, file) ?? '', split);
  const { problems } = coco;
  const images: AnnotatedImage[] = [];
  for (const { fileName, size, objects } of coco.images) {
    const found = finder.find(fileName, { near });
    if ('picture' in found)
      images.push({
        id: idOfName(fileName, found.picture),
        image: pathIn(pictureTree, found.picture),
        file,
        size,
        objects,
      });
    else problems.push(noPicture(file, { fileName, fault: found.fault, root: pictureTree.root }));
  }
  return {
    name: basename(resolve(root)),
    classes: classes ?? coco.classes,
    images,
    problems,
    known: [file, ...others],
  };
}

/** The dataset of a file in `annotations/` is the folder above. */
async function datasetFolder(path: string): Promise<string> {
  if (!(await isFile(path))) return path;
  const folder = dirname(resolve(path));
  return isGenericFolder(basename(folder)) ? dirname(folder) : folder;
}

async function jsonFile(
  path: string,
  { root, tree, options }: { root: string; tree: FileTree; options: ReadOptions },
): Promise<{ file: string; others: string[] }> {
  const named =
    options.annotations === undefined
      ? path
      : await givenPath(options.annotations, { root, option: 'annotations' });
  if (await isFile(named)) return { file: named, others: [] };
  const { split } = options;
  const within = named === path ? tree : await readTree(named);
  const all = withEnding(within, ['.json']);
  const chosen = split === undefined ? all : all.filter((file) => namesSplit(file, split));
  const cocos: string[] = [];
  for (const file of chosen) if (await isCoco(pathIn(within, file))) cocos.push(file);
  // captions_*.json and person_keypoints_*.json lie beside COCO's own instances_*.json.
  const instances = cocos.filter((file) => /instances/i.test(posix.basename(file)));
  const candidates = instances.length > 0 ? instances : cocos.length > 0 ? cocos : chosen;
  const [file, second] = candidates;
  if (file !== undefined && second === undefined) {
    return { file: pathIn(within, file), others: all.map((other) => pathIn(within, other)) };
  }
  const wanted = split === undefined ? 'annotations' : `annotations of split '${split}'`;
  throw new SampleError(path, {
    what: file === undefined ? `no .json with ${wanted}` : `more than one .json with ${wanted}`,
    cure:
      all.length > 0
        ? `give a split, or the path of one of ${all.slice(0, 10).join(', ')}`
        : 'give the path of the .json file',
  });
}

/** 'train' and 'train2017' are in 'instances_train2017.json', 'train' is not in 'constrained.json'. */
function namesSplit(path: string, split: string): boolean {
  const words = [
    ...path.split(/[^A-Za-z0-9]+/),
    ...path.split(/[^A-Za-z]+/),
    withoutExtension(posix.basename(path)),
  ];
  return words.some((word) => isSameSplit(word, split));
}

/** Folders that the names may be relative to: the split's own first, then that of the file, then the whole. */
function usualPlaces(file: string, split: string | undefined): string[] {
  const folder = posix.dirname(file) === '.' ? '' : posix.dirname(file);
  const stem = withoutExtension(posix.basename(file)).replace(/^instances_/, '');
  const parts = [...new Set([stem, ...(split === undefined ? [] : [split])])];
  const bases = [...new Set([folder, ''])];
  const places = bases.flatMap((base) => [
    ...parts.flatMap((part) => [
      posix.join(base, part),
      posix.join(base, 'images', part),
      posix.join(base, part, 'images'),
    ]),
    posix.join(base, 'images'),
    base,
  ]);
  return [...new Set(places.map((place) => (place === '.' ? '' : place)))];
}

function noPicture(
  file: string,
  { fileName, fault, root }: { fileName: string; fault: string; root: string },
): SampleError {
  const several = fault.includes(' or ');
  return new SampleError(file, {
    what: several
      ? `${fault}, sample skipped`
      : `its picture ${join(root, 'images', fileName)} is missing, sample skipped`,
    cure: several
      ? 'write the folder into file_name, or name the folder with `images`'
      : 'put the picture there, name its folder with `images`, or delete the annotation',
  });
}
