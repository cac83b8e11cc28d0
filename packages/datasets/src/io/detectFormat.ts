import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { SampleError } from '../types';
import type { ReadOptions } from './annotations';
import { isCoco } from './coco/isCoco';
import { isCvat } from './cvat/readCvat';
import { counted } from './counted';
import { decodeText, splitLines } from './decodeText';
import type { DatasetFormat } from './fileDataset';
import { isFile } from './files';
import { foreignJson } from './foreign';
import { pathIn, picturesOf, readTree, withEnding, type FileTree } from './folder/fileTree';
import { givenPath } from './folder/folders';
import { parseJson } from './json/parseJson';
import { isLabelme } from './labelme/parseLabelme';
import { isLabelRow } from './yolo/isLabelRow';
import { isNameFile } from './yolo/yoloNames';
import { isYoloYaml } from './yolo/yoloYaml';

/** What a folder was taken for. */
export interface Detection {
  format: DatasetFormat;
  /** The evidence. */
  why: string;
  /** What else it may be. */
  others?: string;
}

/** Of each kind of file, this many are looked into: a folder's files are alike. */
const looks = 60;

/** Tells the format from what the files in a folder hold; rejects where there is no sign of any. */
export async function detectFormat(
  path: string,
  options: Pick<ReadOptions, 'annotations'> = {},
): Promise<Detection> {
  const place =
    options.annotations === undefined
      ? path
      : await givenPath(options.annotations, { root: path, option: 'annotations' });
  if (await isFile(place)) return formatOfFile(place);
  const tree = await readTree(place);
  const found = [...(await xmlFormats(tree)), ...(await jsonFormats(tree)), ...(await yoloSigns(tree))];
  const [best, ...others] = found.filter((sign) => sign.format !== undefined) as Detection[];
  if (best) {
    const rest = [...new Set(others.filter(({ format }) => format !== best.format).map(({ why }) => why))];
    return { ...best, ...(rest.length > 0 && { others: rest.join(', ') }) };
  }
  const foreign = found.find((sign) => sign.error !== undefined);
  throw foreign?.error ?? tree.problems[0] ?? nothingFound(place, tree);
}

interface Sign {
  format?: DatasetFormat;
  why: string;
  /** A format that is known and not read. */
  error?: SampleError;
}

/** Evenly over the list: what lies in folders of its own shows too. */
function sampled<T>(items: readonly T[]): T[] {
  const step = Math.max(1, items.length / looks);
  return Array.from({ length: Math.min(looks, items.length) }, (_, i) => items[Math.floor(i * step)]!);
}

/** Text as far as it can be told: what can't be decoded is of the format still, and reading it will say what is wrong. */
async function peek(file: string): Promise<string> {
  const bytes = await readFile(file).catch(() => new Uint8Array());
  try {
    return decodeText(bytes, file);
  } catch {
    return Buffer.from(bytes).toString('latin1');
  }
}

async function xmlFormats(tree: FileTree): Promise<Sign[]> {
  const counts = { voc: 0, cvat: 0 };
  let odd: string | undefined;
  const files = withEnding(tree, ['.xml']);
  for (const file of sampled(files)) {
    const text = await peek(pathIn(tree, file));
    if (isCvat(text)) counts.cvat++;
    else if (/<annotation[\s>]/.test(text)) counts.voc++;
    else odd ??= file;
  }
  const signs: Sign[] = [];
  if (counts.voc > 0) signs.push({ format: 'voc', why: `${files.length - counts.cvat} VOC .xml` });
  if (counts.cvat > 0) signs.push({ format: 'cvat', why: 'a CVAT .xml' });
  // Broken XML is VOC's, which says what is wrong with it.
  if (signs.length === 0 && odd !== undefined) signs.push({ format: 'voc', why: `${files.length} .xml` });
  return signs;
}

async function jsonFormats(tree: FileTree): Promise<Sign[]> {
  const files = withEnding(tree, ['.json']);
  const kinds = new Map<string, { sign: Sign; count: number }>();
  for (const file of sampled(files)) {
    const sign = await jsonSign(pathIn(tree, file));
    if (sign) kinds.set(sign.why, { sign, count: (kinds.get(sign.why)?.count ?? 0) + 1 });
  }
  return [...kinds.values()].sort((a, b) => rank(a.sign) - rank(b.sign)).map(({ sign }) => sign);
}

function rank({ format }: Sign): number {
  return format === 'coco' ? 0 : format === undefined ? 2 : 1;
}

async function jsonSign(file: string): Promise<Sign | undefined> {
  if (await isCoco(file)) return { format: 'coco', why: 'a COCO .json' };
  let content: unknown;
  try {
    content = parseJson(await peek(file));
  } catch {
    return { format: undefined, why: 'broken .json', error: brokenJson(file) };
  }
  if (isLabelme(content)) return { format: 'labelme', why: 'labelme .json' };
  const foreign = foreignJson.find(({ fits }) => fits(content));
  return foreign && { why: foreign.name, error: notRead(file, foreign) };
}

async function yoloSigns(tree: FileTree): Promise<Sign[]> {
  for (const file of withEnding(tree, ['.yaml', '.yml'])) {
    if (isYoloYaml(await peek(pathIn(tree, file)))) return [{ format: 'yolo', why: `a YOLO ${file}` }];
  }
  const texts = withEnding(tree, ['.txt']).filter((file) => !isNameFile(file));
  let labels = 0;
  for (const file of sampled(texts)) if (isLabelText(await peek(pathIn(tree, file)))) labels++;
  if (labels > 0) return [{ format: 'yolo', why: 'YOLO label .txt' }];
  // Pictures and a list of classes, no object yet; or a read-me.
  if (tree.files.some(isNameFile))
    return [{ format: 'yolo', why: 'a list of classes' }].slice(0, texts.length > 0 ? 1 : 0) as Sign[];
  return [];
}

/** Rows of numbers, whatever their count: a class and four fractions at least. */
function isLabelText(text: string): boolean {
  const line = splitLines(text).find((row) => row.trim() !== '');
  return line !== undefined && isLabelRow(line);
}

async function formatOfFile(path: string): Promise<Detection> {
  const extension = extname(path).toLowerCase();
  if (extension === '.yaml' || extension === '.yml') return { format: 'yolo', why: 'a .yaml' };
  if (extension === '.json') {
    const sign = await jsonSign(path);
    if (sign?.format) return { format: sign.format, why: sign.why };
    // COCO's reader says what is missing from a file that is no foreign format either.
    if (sign?.error && sign.why !== 'broken .json') throw sign.error;
    return { format: 'coco', why: 'a .json' };
  }
  if (extension === '.xml' && isCvat(await peek(path))) return { format: 'cvat', why: 'a CVAT .xml' };
  throw new SampleError(path, {
    what: `a dataset file must end in .json (COCO) or .yaml (YOLO), or be CVAT's .xml, not '${extension}'`,
    cure: 'name the folder of the dataset, or one of those files',
  });
}

function notRead(file: string, { name, cure }: { name: string; cure: string }): SampleError {
  return new SampleError(file, { what: `the file is ${name}, which is not read`, cure });
}

function brokenJson(file: string): SampleError {
  return new SampleError(file, {
    what: 'the file is not JSON',
    cure: 'repair it, or take it out of the folder',
  });
}

function nothingFound(path: string, tree: FileTree): SampleError {
  const tables = withEnding(tree, [
    '.csv',
    '.jsonl',
    '.ndjson',
    '.tfrecord',
    '.tfrecords',
    '.parquet',
    '.mat',
    '.pkl',
    '.zip',
    '.json', // of no kind that is known
  ]);
  const pictures = picturesOf(tree).length;
  const there =
    tables.length > 0
      ? `, there is ${tables[0]}`
      : pictures > 0
        ? `, there ${pictures === 1 ? 'is' : 'are'} ${counted(pictures, 'picture')}`
        : '';
  return new SampleError(path, {
    what: `no annotations found (looked for VOC .xml, COCO .json, YOLO .yaml or .txt, labelme .json, CVAT .xml${there})`,
    cure:
      tables.length > 0
        ? 'unpack or convert it to COCO, VOC or YOLO, which every labelling tool exports'
        : 'check the path, and see the README of @roikit/datasets for the folder layouts',
  });
}
