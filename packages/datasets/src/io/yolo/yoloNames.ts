import { posix } from 'node:path';
import { SampleError } from '../../types';
import { readLines, readText } from '../decodeText';
import { pathIn, type FileTree } from '../folder/fileTree';
import { isRecord, parseJson } from '../json/parseJson';
import { isClassIndex } from './classIndex';

/** Files with one class name a line, as darknet, labelImg and Label Studio write them. */
const nameFile = /(^|\/)(classes\.txt|predefined_classes\.txt|_darknet\.labels|[^/]*\.names)$/i;

export function isNameFile(file: string): boolean {
  return nameFile.test(file);
}

/** Class names outside a data.yaml; undefined where there are none. Rejects where two files differ. */
export async function findNames(tree: FileTree): Promise<string[] | undefined> {
  // Those nearest to the top first.
  const files = tree.files.filter(isNameFile).sort((a, b) => a.split('/').length - b.split('/').length);
  const lists = await Promise.all(files.map(async (file) => readLines(pathIn(tree, file))));
  const [first] = lists;
  const other = lists.findIndex((list) => JSON.stringify(list) !== JSON.stringify(first));
  if (other > 0) {
    throw new SampleError(pathIn(tree, files[0]!), {
      what: `its class names (${first!.join(', ')}) are not those of ${pathIn(tree, files[other]!)} (${lists[other]!.join(', ')})`,
      cure: 'keep the right one, open one of the folders, or give `classes`',
    });
  }
  return first ?? notesNames(tree);
}

/** Label Studio's `notes.json` lists the categories by id. */
async function notesNames(tree: FileTree): Promise<string[] | undefined> {
  const notes = tree.files.find((file) => posix.basename(file) === 'notes.json');
  if (notes === undefined) return undefined;
  try {
    const content = parseJson(await readText(pathIn(tree, notes)));
    const categories = isRecord(content) ? content['categories'] : undefined;
    if (!Array.isArray(categories)) return undefined;
    const names: string[] = [];
    for (const { id, name } of categories.filter(isRecord)) {
      if (isClassIndex(id) && typeof name === 'string') names[id] = name;
    }
    return names.length > 0 ? Array.from(names, (name, i) => name ?? String(i)) : undefined;
  } catch {
    return undefined;
  }
}
