import { splitDataset } from '@roikit/datasets';
import {
  inspectDataset,
  openDataset,
  type DatasetFormat,
  type FileDataset,
  type WritableFormat,
} from '@roikit/datasets/node';
import { mulberry32 } from '@roikit/geometry';
import { atomicWrite } from '@roikit/training/node';
import { Command, InvalidArgumentError, Option } from 'commander';
import { basename, join, resolve, sep } from 'node:path';
import { contactSheet } from '../dataset/contactSheet';
import { openFolder } from '../dataset/openFolder';
import { printInspection } from '../dataset/printInspection';
import { sheetSamples } from '../dataset/sheetSamples';
import { openSplits, splitSizes } from '../dataset/splits';
import { writeParts, type WrittenPart } from '../dataset/writeParts';
import { inFlags, UserError } from '../errors';
import { count } from '../format';
import { integer, shared } from '../options';
import { runFolder } from '../runs/runFolder';
import { interruptible } from '../terminal/interrupt';
import { note, print, warn } from '../terminal/print';

interface ReadFlags {
  format?: 'auto' | DatasetFormat;
  images?: string;
  annotations?: string;
  split?: string;
  classes?: string[];
}

/** Options that say how a folder is read. */
function reading(command: Command): Command {
  return command
    .addOption(shared.format())
    .addOption(shared.images())
    .addOption(shared.annotations())
    .option('--split <name>', 'only this part of the data')
    .addOption(shared.classes());
}

const WRITABLE = ['voc', 'coco', 'yolo'] as const;

export function datasetCommand(): Command {
  const inspectCommand = reading(new Command('inspect'))
    .description('say what a folder holds, and what is odd about it')
    .argument('<folder>', 'annotated pictures')
    .option(
      '--sheet <file>',
      'where the contact sheet is written; default: runs/dataset/<folder>/contact-sheet.jpg',
    )
    .option('--no-sheet', 'write no contact sheet')
    .addOption(shared.json())
    .action(inspect);
  const convertCommand = reading(new Command('convert'))
    .description('write a data set in another format, pictures included')
    .argument('<in>', 'annotated pictures')
    .argument('<out>', 'a new folder')
    .addOption(new Option('--to <format>', 'format to write').choices(WRITABLE).makeOptionMandatory())
    .addOption(shared.json())
    .action(convert);
  const splitCommand = reading(new Command('split'))
    .description('split a data set by chance, every class spread over the parts')
    .argument('<in>', 'annotated pictures')
    .argument('<out>', 'a new folder')
    .option('--shares <list>', 'share of each part', shares, { train: 0.8, val: 0.2 })
    .option('--seed <n>', 'another seed, another split', integer({ min: 0 }), 1)
    .addOption(
      new Option('--to <format>', 'format to write; default: its own, coco where that is only read').choices(
        WRITABLE,
      ),
    )
    .addOption(shared.json())
    .action(split);
  return new Command('dataset')
    .addCommand(inspectCommand)
    .addCommand(convertCommand)
    .addCommand(splitCommand);
}

/** `train=0.8,val=0.2` */
function shares(text: string): Record<string, number> {
  const parts = text.split(',').map((part) => {
    const [, name, share] = /^\s*([\w-]+)\s*=\s*([\d.]+)\s*$/.exec(part) ?? [];
    if (name === undefined || !(Number(share) > 0 && Number(share) <= 1))
      throw new InvalidArgumentError('It must be like train=0.8,val=0.2.');
    return [name, Number(share)] as const;
  });
  const repeated = parts.find(([name], i) => parts.findIndex(([other]) => other === name) < i);
  if (repeated) throw new InvalidArgumentError(`It names '${repeated[0]}' twice.`);
  const sum = parts.reduce((total, [, share]) => total + share, 0);
  if (sum > 1 + 1e-9) throw new InvalidArgumentError(`The shares are more than 1 together (${sum}).`);
  return Object.fromEntries(parts);
}

/** Pictures of a contact sheet. */
const SHEET_PICTURES = 20;

async function inspect(
  path: string,
  flags: ReadFlags & { sheet: string | boolean; json?: boolean },
): Promise<void> {
  const { sheet, json, ...options } = flags;
  const inspection = await inspectDataset(path, options);
  const splits = await splitSizes(path, options);
  const file = sheet === false ? undefined : await writeSheet(path, { sheet, options });
  if (json) return print(JSON.stringify({ ...inspection, splits, sheet: file }, null, 2));
  printInspection(inspection, splits);
  if (file !== undefined) print(`\ncontact sheet: ${file}`);
}

async function writeSheet(
  path: string,
  { sheet, options }: { sheet: string | boolean; options: ReadFlags },
): Promise<string | undefined> {
  const dataset = await openDataset(path, options);
  const samples = await sheetSamples(dataset, SHEET_PICTURES);
  if (samples.length === 0) return undefined;
  const file =
    typeof sheet === 'string'
      ? sheet
      : join(runFolder({ task: 'dataset', name: basename(resolve(path)) }), 'contact-sheet.jpg');
  const drawing = await contactSheet(samples, dataset.classes);
  const encoded = file.endsWith('.png') ? drawing.png() : drawing.jpeg({ quality: 88 });
  await atomicWrite(file, await encoded.toBuffer());
  return file;
}

async function convert(
  path: string,
  out: string,
  flags: ReadFlags & { to: WritableFormat; json?: boolean },
): Promise<void> {
  const { to, json, ...options } = flags;
  requireOutside(path, out);
  const { splits, left } = await openSplits(path, options);
  if (left.length > 0)
    warn(`${path}: ${count(left.length, 'picture')} in no split, left out; the first is ${left[0]}`);
  const problems = splits.flatMap(({ dataset }) => dataset.problems);
  tellProblems(problems.map(({ message }) => message));
  const written = await interruptible((signal) => writeParts(splits, { out, format: to, signal }));
  tell(written, { out, to, json, read: problems.length, left: left.length });
}

async function split(
  path: string,
  out: string,
  flags: ReadFlags & { shares: Record<string, number>; seed: number; to?: WritableFormat; json?: boolean },
): Promise<void> {
  const { shares: parts, seed, to, json, ...options } = flags;
  requireOutside(path, out);
  const dataset = await openFolder(path, options);
  const labels = (index: number) => dataset.truth(index).labels;
  const split = splitDataset(dataset, { shares: parts, random: mulberry32(seed), labels });
  const format = to ?? ownFormat(dataset);
  const named = Object.entries(split).map(([name, part]) => ({ split: name, dataset: part }));
  const written = await interruptible((signal) => writeParts(named, { out, format, signal }));
  tell(written, { out, to: format, json, read: dataset.problems.length, left: 0 });
}

/** @throws UserError where what is written would be a part of what is read, the next time */
function requireOutside(path: string, out: string): void {
  if (resolve(out).startsWith(resolve(path) + sep))
    throw new UserError(
      `${out}: lies in ${path}, and would be read as a part of it; choose a folder outside`,
    );
}

function ownFormat({ format }: FileDataset): WritableFormat {
  return WRITABLE.find((name) => name === format) ?? 'coco';
}

function tellProblems(messages: readonly string[]): void {
  for (const message of messages.slice(0, 5)) warn(inFlags(message));
  if (messages.length > 5)
    note(`and ${count(messages.length - 5, 'problem')} more; 'roikit dataset inspect' lists all`);
}

interface Told {
  out: string;
  to: WritableFormat;
  json?: boolean;
  /** Problems of reading. */
  read: number;
  left: number;
}

/** What was written, and what the format could not take. */
function tell(written: readonly WrittenPart[], { out, to, json, read, left }: Told): void {
  if (json) {
    const parts = written.map((part) => ({ ...part, problems: part.problems.map(({ message }) => message) }));
    return print(
      JSON.stringify({ out, format: to, splits: parts, problemsInReading: read, inNoSplit: left }, null, 2),
    );
  }
  for (const { split: name, images, problems, lost } of written) {
    print(`${name}: ${count(images, 'picture')}`);
    tellProblems(problems.map(({ message }) => message));
    for (const loss of lost) print(`  not carried over: ${loss}`);
  }
  print(`\n${to}: ${out}`);
}
