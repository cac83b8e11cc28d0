import { readFile } from 'node:fs/promises';
import { decodeText } from '../decodeText';
import { isRecord, parseJson } from '../json/parseJson';

/** Above this, keys are searched for and not parsed. */
const parsedBytes = 4_000_000;

/** Whether a file has COCO's three lists. */
export async function isCoco(file: string): Promise<boolean> {
  const bytes = await readFile(file).catch(() => undefined);
  if (!bytes) return false;
  const hasKeys = ['"images"', '"annotations"', '"categories"'].every((key) => bytes.includes(key));
  if (bytes.length > parsedBytes) return hasKeys;
  try {
    return hasCocoLists(parseJson(decodeText(bytes, file)));
  } catch {
    // Not JSON, or not UTF-8: reading it will say so.
    return hasKeys;
  }
}

function hasCocoLists(content: unknown): boolean {
  return (
    isRecord(content) && ['images', 'annotations', 'categories'].every((key) => Array.isArray(content[key]))
  );
}
