import { parse } from 'yaml';
import { SampleError } from '../../types';
import { isRecord, written } from '../json/parseJson';
import { isClassIndex } from './classIndex';
import type { LabelPlace } from './parseYolo';

/** What of an ultralytics `data.yaml` is used. */
export interface YoloYaml {
  path?: string;
  names?: string[];
  /** `nc`, the number of classes, where it is one. */
  numClasses?: number;
  keypoints?: LabelPlace['keypoints'];
  /** Entries by split, as written. */
  splits: Map<string, string[]>;
}

const splitKeys = ['train', 'val', 'valid', 'validation', 'test'];

/** Parses a `data.yaml`; throws a SampleError that names it. */
export function parseYoloYaml(text: string, file: string): YoloYaml {
  if (isNestedDeep(text)) throw badYaml(file, 'is nested deeper than any dataset needs');
  let content: unknown;
  try {
    content = parse(text, { logLevel: 'error' });
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw badYaml(file, `is not YAML (${reason})`);
  }
  if (!isRecord(content)) throw badYaml(file, 'is not a YAML mapping');
  const splits = new Map<string, string[]>();
  for (const key of splitKeys) {
    const entries = [content[key]]
      .flat()
      .filter((entry) => typeof entry === 'string' && entry !== '') as string[];
    if (entries.length > 0) splits.set(key, entries);
  }
  const path = content['path'];
  return {
    path: typeof path === 'string' ? path : undefined,
    names: parseNames(content['names'], file),
    numClasses: Number.isInteger(content['nc']) ? Number(content['nc']) : undefined,
    keypoints: parseKeypoints(content['kpt_shape'], file),
    splits,
  };
}

/** Whether a text is a dataset's YAML: training arguments (`args.yaml`) have neither names nor pictures. */
export function isYoloYaml(text: string): boolean {
  return (
    /^['"]?names['"]?\s*:/m.test(text) ||
    (/^['"]?train['"]?\s*:/m.test(text) && /^['"]?(val|nc)['"]?\s*:/m.test(text))
  );
}

/**
 * Whether brackets, or indents and dashes, go so deep that the parser might run out of stack: a RangeError mostly, but where
 * V8 compiles a pattern at that moment, the end of the process.
 */
function isNestedDeep(text: string): boolean {
  let depth = 0;
  for (const char of text) {
    if (char === '[' || char === '{') depth++;
    else if (char === ']' || char === '}') depth--;
    if (depth > 100) return true;
  }
  return /^[ \t?:-]{300}/m.test(text);
}

/** `names` is a list, or a mapping from class index to name. */
function parseNames(names: unknown, file: string): string[] | undefined {
  if (names === undefined || names === null) return undefined;
  if (typeof names !== 'object') throw badYaml(file, `has names '${String(names)}'`);
  const byIndex: string[] = [];
  for (const [index, name] of Object.entries(names)) {
    if (!/^\d+$/.test(index) || !isClassIndex(Number(index)))
      throw badYaml(file, `has names with index '${index}'`);
    if (typeof name === 'object') throw badYaml(file, `has no text as name ${index}`);
    byIndex[Number(index)] = String(name);
  }
  // An index that the mapping leaves out still has its place.
  return Array.from(byIndex, (name, index) => name ?? String(index));
}

function parseKeypoints(shape: unknown, file: string): LabelPlace['keypoints'] {
  if (shape === undefined || shape === null) return undefined;
  const [count, dimensions] = Array.isArray(shape) ? (shape as unknown[]) : [];
  const valid = Number.isInteger(count) && Number(count) > 0 && (dimensions === 2 || dimensions === 3);
  if (!valid) throw badYaml(file, `has kpt_shape ${written(shape)}, which is not [number, 2 or 3]`);
  return [count as number, dimensions as number];
}

function badYaml(file: string, fault: string): SampleError {
  return new SampleError(file, {
    what: `the file ${fault}`,
    cure: 'it needs train, val (folders of pictures) and names (a list of classes)',
  });
}
