import { basename, posix, resolve } from 'node:path';
import pMap from 'p-map';
import { SampleError } from '../../types';
import type { AnnotatedImage, Annotations, ReadOptions } from '../annotations';
import { readText } from '../decodeText';
import { concurrency, isFile } from '../files';
import { pathIn, withEnding, withinTree } from '../folder/fileTree';
import { openFolders, type Folders } from '../folder/folders';
import { mayBelong, pairKey, PairIndex } from '../folder/pairing';
import { PictureFinder } from '../folder/pictureFinder';
import { isSameSplit, liesInSplit, noSuchSplit } from '../folder/splits';
import { keepProblem } from '../keepProblem';
import { isRecord, parseJson } from '../json/parseJson';
import { isLabelme, parseLabelme, type LabelmeAnnotation } from './parseLabelme';

/** Reads labelme's JSON, one a picture; folders named after splits are splits. */
export async function readLabelme(path: string, options: ReadOptions): Promise<Annotations> {
  const { split, classes } = options;
  const folders = await openFolders(path, options);
  const tree = folders.annotations;
  const only = (await isFile(path)) ? withinTree(tree, path) : undefined;
  const problems: SampleError[] = [];
  const parse = async (json: string): Promise<ParsedFile | undefined> => {
    const file = pathIn(tree, json);
    const text = await readText(file);
    // Beside labelme's files lie exports of the whole.
    return json === only || mayBeLabelme(text) ? { ...parseLabelme(text, file), json, file } : undefined;
  };
  const files = withEnding(tree, ['.json']).filter((json) => only === undefined || json === only);
  const all = (await pMap(files, async (json) => keepProblem(parse(json), problems), { concurrency })).filter(
    (one) => one !== undefined,
  );
  const chosen = split === undefined ? all : all.filter(({ json }) => liesInSplit(json, split));
  if (split !== undefined && chosen.length === 0)
    throw noSuchSplit(path, { split, known: splitsOf(all, split) });
  const images = locate(chosen, { folders, problems });
  const names = all.flatMap(({ objects }) => objects.map(({ name }) => name));
  return {
    name: basename(resolve(tree.root)),
    classes: classes ?? [...new Set(names)].sort(),
    images,
    problems,
    known: all.map(({ file }) => file),
  };
}

interface ParsedFile extends LabelmeAnnotation {
  json: string;
  file: string;
}

/** Whether to say what is wrong in a file: JSON that is something else is passed over. */
function mayBeLabelme(text: string): boolean {
  try {
    const content = parseJson(text);
    return isLabelme(content) || (isRecord(content) && 'imagePath' in content);
  } catch {
    return text.includes('"shapes"') || text.trim() === '';
  }
}

function splitsOf(all: readonly ParsedFile[], split: string): string[] {
  const folders = all.map(({ json }) => json.split('/').slice(0, -1)[0]);
  return [...new Set(folders.filter((name) => name !== undefined && !isSameSplit(name, split)))] as string[];
}

function locate(
  parsed: readonly ParsedFile[],
  { folders, problems }: { folders: Folders; problems: SampleError[] },
): AnnotatedImage[] {
  const partners = new PairIndex(folders.pictures);
  const finder = new PictureFinder(folders.pictures);
  const images: AnnotatedImage[] = [];
  for (const { json, file, imagePath, size, objects, problems: bad } of parsed) {
    problems.push(...bad);
    const folder = posix.dirname(json) === '.' ? '' : posix.dirname(json);
    const own = partners.partners(json);
    const named = imagePath === undefined ? undefined : finder.find(imagePath, { near: [folder, ''] });
    const fits = named && 'picture' in named && (/[/\\]/.test(imagePath!) || mayBelong(json, named.picture));
    const picture = fits ? named.picture : own.length === 1 ? own[0] : undefined;
    if (picture === undefined) problems.push(noPicture(file, imagePath));
    else images.push({ id: pairKey(json), image: pathIn(folders.images, picture), file, size, objects });
  }
  return images;
}

function noPicture(file: string, imagePath: string | undefined): SampleError {
  return new SampleError(file, {
    what: `its picture ${imagePath === undefined ? '' : `'${imagePath}' `}is missing, sample skipped`,
    cure: 'put the picture there, or delete the annotation',
  });
}
