import { basename, posix, resolve } from 'node:path';
import pMap from 'p-map';
import { SampleError } from '../../types';
import type { AnnotatedImage, Annotations, ReadOptions } from '../annotations';
import { readText, suspectNames } from '../decodeText';
import { concurrency } from '../files';
import { pathIn, withEnding, type FileTree } from '../folder/fileTree';
import { pairKey, PairIndex } from '../folder/pairing';
import { PictureFinder, type Finding } from '../folder/pictureFinder';
import { openFolders, type Folders } from '../folder/folders';
import { keepProblem } from '../keepProblem';
import { parseVoc, type VocAnnotation } from './parseVoc';
import { vocSplit } from './vocSplits';

/**
 * Reads PASCAL VOC XML: the devkit's `Annotations`, `JPEGImages` and `ImageSets/Main`; the folders of pictures and of
 * annotations under other names, side by side or below a folder per split; XML beside the pictures.
 */
export async function readVoc(root: string, options: ReadOptions): Promise<Annotations> {
  const folders = await openFolders(root, options);
  const xmls = withEnding(folders.annotations, ['.xml']);
  const { split, classes } = options;
  const chosen =
    split === undefined ? { files: xmls, missing: [] } : await vocSplit(folders.annotations, { xmls, split });
  const problems: SampleError[] = chosen.missing.map(missingAnnotation);
  const parsed = await pMap(
    chosen.files,
    async (xml) => keepProblem(parseFile(folders.annotations, xml), problems),
    {
      concurrency,
    },
  );
  const images = locate(
    parsed.filter((one) => one !== undefined),
    { folders, problems },
  );
  const named = images.flatMap(({ file, objects }) => objects.map(({ name }) => ({ file, name })));
  problems.push(...suspectNames(named, problems));
  return {
    name: basename(resolve(root)),
    classes: classes ?? (await discoverClasses(parsed, { tree: folders.annotations, xmls })),
    images,
    problems,
    known: xmls.map((xml) => pathIn(folders.annotations, xml)),
  };
}

interface ParsedFile extends VocAnnotation {
  /** Path below the annotations' root. */
  xml: string;
  file: string;
}

async function parseFile(tree: FileTree, xml: string): Promise<ParsedFile> {
  const file = pathIn(tree, xml);
  return { ...parseVoc(await readText(file), file), xml, file };
}

function locate(
  parsed: readonly ParsedFile[],
  { folders, problems }: { folders: Folders; problems: SampleError[] },
): AnnotatedImage[] {
  const partners = new PairIndex(folders.pictures);
  const finder = new PictureFinder(folders.pictures);
  const images: AnnotatedImage[] = [];
  for (const { problems: objects, ...annotation } of parsed) {
    problems.push(...objects);
    const { xml, file, size } = annotation;
    const found = findPicture(annotation, { partners, finder });
    if (!('picture' in found)) {
      problems.push(noPicture(file, found.fault));
      continue;
    }
    const image = pathIn(folders.images, found.picture);
    images.push({ id: pairKey(xml), image, file, size, objects: annotation.objects });
  }
  return images;
}

/**
 * The picture of the annotation's own name decides, as in the devkit: <filename> is often left over from before a
 * rename. Where there are several (a.jpg and a.png), or none, <filename> and <path> do.
 */
function findPicture(
  { xml, filename, path }: ParsedFile | Omit<ParsedFile, 'problems'>,
  { partners, finder }: { partners: PairIndex; finder: PictureFinder },
): Finding {
  const own = partners.partners(xml);
  if (own.length === 1) return { picture: own[0]! };
  const folder = posix.dirname(xml) === '.' ? '' : posix.dirname(xml);
  const beside = own.filter((picture) => posix.dirname(picture) === posix.dirname(xml));
  if (own.length > 1) {
    const named = new PictureFinder(own).find(filename ?? '', { near: [...own.map(posix.dirname), ''] });
    if ('picture' in named && matchesEnding(named.picture, filename)) return named;
    return beside.length === 1
      ? { picture: beside[0]! }
      : { fault: `its picture may be ${own.join(' or ')}` };
  }
  const written = [path, filename, `${pairKey(xml)}.jpg`].filter((name) => name !== undefined && name !== '');
  let fault = '';
  for (const name of written as string[]) {
    const found = finder.find(name, { near: [folder] });
    if ('picture' in found) return found;
    if (fault === '' || found.fault.includes(' or ')) fault = found.fault;
  }
  return { fault };
}

function matchesEnding(picture: string, filename: string | undefined): boolean {
  return posix.extname(filename ?? '').toLowerCase() === posix.extname(picture).toLowerCase();
}

/** Every class name in the files read and in those of other splits, sorted. */
async function discoverClasses(
  parsed: readonly (ParsedFile | undefined)[],
  { tree, xmls }: { tree: FileTree; xmls: readonly string[] },
): Promise<string[]> {
  const read = new Set(parsed.map((one) => one?.xml));
  const ignored: SampleError[] = [];
  const rest = xmls.filter((xml) => !read.has(xml));
  const others = await pMap(rest, async (xml) => keepProblem(parseFile(tree, xml), ignored), { concurrency });
  const all = [...parsed, ...others].filter((one) => one !== undefined);
  return [...new Set(all.flatMap(({ objects }) => objects.map(({ name }) => name)))].sort();
}

function missingAnnotation(file: string): SampleError {
  return new SampleError(file, {
    what: 'the annotation is missing or unreadable, sample skipped',
    cure: 'put the file there, or take it out of the split',
  });
}

function noPicture(file: string, fault: string): SampleError {
  const several = fault.includes(' or ');
  return new SampleError(file, {
    what: several ? `${fault}, sample skipped` : `its picture is missing (${fault}), sample skipped`,
    cure: several
      ? 'name one of them, with its folder and ending, in the annotation'
      : 'put the picture there, name its folder with `images`, or delete the annotation',
  });
}
