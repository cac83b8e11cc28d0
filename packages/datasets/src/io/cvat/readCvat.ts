import { basename, posix, resolve } from 'node:path';
import { SampleError } from '../../types';
import type { AnnotatedImage, Annotations, ReadOptions } from '../annotations';
import { readText } from '../decodeText';
import { isFile } from '../files';
import { pathIn, withEnding, withinTree } from '../folder/fileTree';
import { givenPath, openFolders } from '../folder/folders';
import { idOfName, PictureFinder } from '../folder/pictureFinder';
import { isSameSplit, liesInSplit, noSuchSplit } from '../folder/splits';
import { keepProblem } from '../keepProblem';
import { parseCvat, type CvatImage } from './parseCvat';

/** Reads 'CVAT for images' XML, one file for a task or several; subsets, else folders named after splits, are splits. */
export async function readCvat(path: string, options: ReadOptions): Promise<Annotations> {
  const { split, classes } = options;
  const folders = await openFolders(path, options);
  const tree = folders.annotations;
  const named =
    options.annotations === undefined
      ? path
      : await givenPath(options.annotations, { root: tree.root, option: 'annotations' });
  const only = (await isFile(named)) ? withinTree(tree, named) : undefined;
  const problems: SampleError[] = [];
  const found: { image: CvatImage; xml: string }[] = [];
  const names: string[] = [];
  for (const xml of only === undefined ? withEnding(tree, ['.xml']) : [only]) {
    const file = pathIn(tree, xml);
    const text = await keepProblem(readText(file), problems);
    if (text === undefined || (only === undefined && !isCvat(text))) continue;
    const parsed = await keepProblem(
      Promise.resolve(text).then((t) => parseCvat(t, file)),
      problems,
    );
    if (!parsed) continue;
    names.push(...parsed.classes);
    for (const problem of parsed.problems) problems.push(problem);
    for (const image of parsed.images) found.push({ image, xml });
  }
  const chosen = found.filter(({ image, xml }) => split === undefined || isIn(split, image, xml));
  if (split !== undefined && chosen.length === 0) {
    const known = [...new Set(found.map(({ image }) => image.subset))].filter((name) => name !== undefined);
    throw noSuchSplit(path, { split, known });
  }
  const finder = new PictureFinder(folders.pictures);
  const images: AnnotatedImage[] = [];
  for (const { image, xml } of chosen) {
    const file = pathIn(tree, xml);
    const { picture, fault } = locate(image, { xml, finder });
    if (picture === undefined) problems.push(noPicture(file, { name: image.name, fault }));
    else
      images.push({
        id: idOfName(image.name, picture),
        image: pathIn(folders.images, picture),
        file,
        size: image.size,
        objects: image.objects,
      });
  }
  return {
    name: basename(resolve(tree.root)),
    classes: classes ?? [...new Set(names)],
    images,
    problems,
    known: found.map(({ xml }) => pathIn(tree, xml)),
  };
}

/** Whether text is of a CVAT export for images or video. */
export function isCvat(text: string): boolean {
  return /<annotations[\s>]/.test(text) && /<(image|track|meta)[\s>]/.test(text);
}

function isIn(split: string, { subset, name }: CvatImage, xml: string): boolean {
  if (subset !== undefined && subset !== 'default') return isSameSplit(subset, split);
  return liesInSplit(xml, split) || liesInSplit(name.replace(/\\/g, '/'), split);
}

function locate(
  { name, subset }: CvatImage,
  { xml, finder }: { xml: string; finder: PictureFinder },
): { picture?: string; fault?: string } {
  const folder = posix.dirname(xml) === '.' ? '' : posix.dirname(xml);
  // A project's export has `images/<subset>/<name>`.
  const bases = [...new Set([folder, ''])];
  const inSubset = subset === undefined ? [] : bases.map((base) => posix.join(base, 'images', subset));
  const near = [...inSubset, ...bases.map((base) => posix.join(base, 'images')), ...bases];
  const found = finder.find(name, { near });
  return 'picture' in found ? { picture: found.picture } : { fault: found.fault };
}

function noPicture(file: string, { name, fault }: { name: string; fault?: string }): SampleError {
  return new SampleError(file, {
    what: `the picture of image '${name}' is missing (${fault}), sample skipped`,
    cure: "export with 'Save images', or name the folder of the pictures with `images`",
  });
}
