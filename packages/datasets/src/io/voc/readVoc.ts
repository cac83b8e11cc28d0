import { basename, posix, resolve } from 'node:path';
import pMap from 'p-map';
import { SampleError } from '../../types';
import type { AnnotatedImage, Annotations, ReadOptions } from '../annotations';
import { readText, suspectNames } from '../decodeText';
import { concurrency } from '../files';
import { pathIn, withEnding, type FileTree } from '../folder/fileTree';
import { mayBelong, pairKey, PairIndex } from '../folder/pairing';
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
  requireBoxes(root, parsed);
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

/** Polygons alone are another format. */
function requireBoxes(root: string, parsed: readonly (ParsedFile | undefined)[]): void {
  const problems = parsed.flatMap((one) => one?.problems ?? []);
  const polygon = problems.find(({ message }) => message.includes('<polygon>'));
  if (!polygon || parsed.some((one) => one && one.objects.length > 0)) return;
  throw new SampleError(root, {
    what: `its .xml hold polygons and no boxes (LabelMe's XML), the first: ${polygon.message}`,
    cure: "export 'Pascal VOC' with boxes, or COCO",
  });
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
  const own = parsed.map((one) => ownPicture(one, partners.partners(one.xml)));
  const taken = new Set(own.flatMap((finding) => (finding && 'picture' in finding ? [finding.picture] : [])));
  const images: AnnotatedImage[] = [];
  parsed.forEach((one, i) => {
    const { xml, file, size, objects } = one;
    const found = own[i] ?? namedPicture(one, { finder, taken });
    problems.push(...one.problems);
    if ('picture' in found) {
      images.push({ id: pairKey(xml), image: pathIn(folders.images, found.picture), file, size, objects });
    } else problems.push(noPicture(file, found.fault));
  });
  return images;
}

/**
 * The picture of the annotation's own name, as in the devkit: <filename> is often left over from before a rename. Of
 * several (a.jpg and a.png) <filename> decides, then the one beside. Undefined where there is none.
 */
function ownPicture({ xml, filename = '' }: ParsedFile, own: readonly string[]): Finding | undefined {
  if (own.length < 2) return own[0] === undefined ? undefined : { picture: own[0] };
  const ending = posix.extname(filename).toLowerCase();
  const named = new PictureFinder(own).find(filename, { near: [...own.map(posix.dirname), ''] });
  if ('picture' in named && posix.extname(named.picture).toLowerCase() === ending) return named;
  const beside = own.filter((picture) => posix.dirname(picture) === posix.dirname(xml));
  return beside.length === 1 ? { picture: beside[0]! } : { fault: `its picture may be ${own.join(' or ')}` };
}

/** The picture that <path> or <filename> name, or the only one of the file's name; none that another file is named for. */
function namedPicture(
  { xml, filename, path }: ParsedFile,
  { finder, taken }: { finder: PictureFinder; taken: ReadonlySet<string> },
): Finding {
  const near = [posix.dirname(xml) === '.' ? '' : posix.dirname(xml)];
  const findings = [
    ...(path ? [finder.find(path, { near })] : []),
    ...(filename ? [finder.find(filename, { near })] : []),
    finder.find(pairKey(xml), { whole: true }),
  ];
  const usable = ({ picture }: { picture: string }): boolean =>
    !taken.has(picture) && (mayBelong(xml, picture) || /[/\\]/.test(filename ?? ''));
  const found = findings.find((finding) => 'picture' in finding && usable(finding));
  if (found) return found;
  const faults = findings.map((finding) =>
    'picture' in finding ? `${finding.picture} is another's` : finding.fault,
  );
  return { fault: faults.find((fault) => fault.includes(' or ')) ?? faults[0]! };
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
