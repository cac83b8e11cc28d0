import { posix } from 'node:path';
import { splitLines, readText } from '../decodeText';
import { withoutExtension } from '../files';
import { pathIn, withEnding, type FileTree } from '../folder/fileTree';
import { isGenericFolder, pairKey } from '../folder/pairing';
import { isSameSplit, liesInSplit, noSuchSplit } from '../folder/splits';

/** The annotation files of a split, and names in its list that have none. */
export interface VocSplit {
  files: string[];
  missing: string[];
}

/**
 * The split's list in `ImageSets/Main` (or, where there is none, `ImageSets` or beside the annotations' folder) decides,
 * else the folder of that name.
 */
export async function vocSplit(
  tree: FileTree,
  { xmls, split }: { xmls: readonly string[]; split: string },
): Promise<VocSplit> {
  const lists = splitLists(tree);
  const chosen = lists.filter((list) => isSameSplit(withoutExtension(posix.basename(list)), split));
  if (chosen.length > 0) {
    const parts = await Promise.all(chosen.map(async (list) => listed(tree, { list, xmls })));
    return {
      files: [...new Set(parts.flatMap(({ files }) => files))],
      missing: parts.flatMap(({ missing }) => missing),
    };
  }
  const files = xmls.filter((xml) => liesInSplit(xml, split));
  if (files.length > 0) return { files, missing: [] };
  const names = lists.map((list) => withoutExtension(posix.basename(list)));
  const known = [
    ...new Set(names.length > 0 ? names : xmls.map(splitFolder).filter((name) => name !== undefined)),
  ];
  const expected = lists.length > 0 ? posix.join(posix.dirname(lists[0]!), `${split}.txt`) : split;
  throw noSuchSplit(pathIn(tree, expected), { split, known });
}

function splitLists(tree: FileTree): string[] {
  const texts = withEnding(tree, ['.txt']);
  const main = texts.filter((file) => /(^|\/)ImageSets\/Main\/[^/]+$/i.test(file));
  if (main.length > 0) return main;
  const sets = texts.filter((file) => /(^|\/)ImageSets\/[^/]+$/i.test(file));
  if (sets.length > 0) return sets;
  return texts.filter((file) => /(^|\/)(train|val|valid|validation|trainval|test)\.txt$/i.test(file));
}

/** The first folder that isn't there for the kind of file alone. */
function splitFolder(xml: string): string | undefined {
  return xml
    .split('/')
    .slice(0, -1)
    .find((part) => !isGenericFolder(part));
}

async function listed(
  tree: FileTree,
  { list, xmls }: { list: string; xmls: readonly string[] },
): Promise<VocSplit> {
  // In a folder of several years, a list speaks of its own.
  const home = /^(.*?)\/?(?:ImageSets\/.*|[^/]*)$/i.exec(list)?.[1] ?? '';
  const prefix = home === '' ? '' : `${home}/`;
  const byKey = new Map(
    xmls.filter((xml) => xml.startsWith(prefix)).map((xml) => [pairKey(xml.slice(prefix.length)), xml]),
  );
  const result: VocSplit = { files: [], missing: [] };
  for (const line of splitLines(await readText(pathIn(tree, list)))) {
    if (line.trim() === '') continue;
    const file = namesOf(line).flatMap((name) => byKey.get(name) ?? [])[0];
    if (file !== undefined) result.files.push(file);
    else result.missing.push(missingFile(line, { tree, xmls, prefix }));
  }
  return result;
}

/**
 * Ids that a line may mean: the line itself (names may hold spaces), without the 1, 0 or -1 of a class's own list, a path
 * of the picture or the annotation, with an ending.
 */
function namesOf(line: string): string[] {
  const plain = line.trim().replace(/\\/g, '/').replace(/^\.\//, '').normalize('NFC');
  const unquoted = plain.replace(/^(["'])(.*)\1$/, '$2');
  const single = unquoted.replace(/\s+-?[01]$/, '');
  const words = [...new Set([plain, unquoted, single, ...unquoted.split(/\s+/)])];
  return words.flatMap((word) => [word, pairKey(`${word}.x`), pairKey(word)]);
}

function missingFile(
  line: string,
  { tree, xmls, prefix }: { tree: FileTree; xmls: readonly string[]; prefix: string },
): string {
  const sample = xmls.find((xml) => xml.startsWith(prefix)) ?? `${prefix}Annotations/x.xml`;
  const folder = sample.slice(prefix.length).split('/').filter(isGenericFolder)[0] ?? '';
  const name = line.trim().replace(/\s+-?[01]$/, '');
  return pathIn(tree, posix.join(prefix, folder, `${name.replace(/\\/g, '/')}.xml`));
}
