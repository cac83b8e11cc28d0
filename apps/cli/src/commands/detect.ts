import { leastScores, torchvisionArchitectures, type GeneralizedRCNN } from '@roikit/detectors';
import { Command, Option } from 'commander';
import { existsSync, statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { labelsNamed } from '../detection/labels';
import { resumeResults } from '../detection/resultsFile';
import { runDetection, type Run } from '../detection/run';
import {
  readSettings,
  refuseResults,
  resultsPath,
  SETTINGS_FILE,
  type DetectSettings,
} from '../detection/settings';
import { findDetector } from '../detector/findDetector';
import { importDetector } from '../detector/importDetector';
import { openDetectors } from '../detector/openDetector';
import { engineLine, startEngine } from '../engine/startEngine';
import { UsageError } from '../errors';
import { count } from '../format';
import { shared } from '../options';
import { findPictures } from '../pictures/findPictures';
import { baseName, safeName } from '../pictures/pictureNames';
import { usefulWorkers } from '../pictures/workers';
import { refuseSettings } from '../runs/resume';
import { inFolder, runFolder } from '../runs/runFolder';
import { interruptible } from '../terminal/interrupt';
import { announce, note } from '../terminal/print';

interface DetectFlags extends Omit<DetectSettings, 'pictures' | 'crops'> {
  crops?: boolean;
  engine: string;
  workers: number;
  out?: string;
  json?: boolean;
  resume?: boolean;
}

export function detectCommand(): Command {
  return new Command('detect')
    .argument(
      '[images...]',
      'pictures, folders, patterns such as "photos/**/*.jpg", http(s) addresses, - for stdin',
    )
    .option(
      '--model <detector>',
      "a detector's folder, a training run's, or digits (digits-faster-rcnn …); weights with --architecture: a file, an address or hf:owner/name[/file]",
    )
    .addOption(shared.architecture(torchvisionArchitectures()))
    .addOption(shared.normEps())
    .addOption(shared.score())
    .addOption(shared.max())
    .addOption(shared.iou())
    .addOption(shared.onlyClasses())
    .addOption(shared.maxPixels())
    .addOption(
      new Option('--save <kind>', 'what pictures with their boxes are written as')
        .choices(['png', 'jpg', 'none'])
        .default('png'),
    )
    .option('--crops', 'write every object on its own too: crops/<class>/<picture>-<number>.jpg')
    .addOption(
      new Option(
        '--format <name>',
        'write a data set too, to be corrected and trained on; jsonl is results.jsonl alone',
      ).choices(['coco', 'voc', 'yolo', 'jsonl']),
    )
    .addOption(shared.engine())
    .addOption(shared.workers())
    .addOption(shared.out('runs/detect/<picture or folder>'))
    .option('--resume', 'go on with the run in --out where it was stopped')
    .addOption(new Option('--json', 'print a line of JSON a picture instead of a table'))
    .action(detect);
}

async function detect(patterns: string[], flags: DetectFlags, command: Command): Promise<void> {
  const settings = flags.resume
    ? await resumedSettings(patterns, flags, command)
    : newSettings(patterns, flags);
  const found = await findPictures(settings.pictures);
  const { model, architecture, normEps } = settings;
  const folder = architecture === undefined ? findDetector(model) : model;
  const out = outFolder(settings, flags, found);
  if (out !== undefined && !flags.resume) refuseResults(out);
  await interruptible(async (signal) => {
    const engine = await startEngine(flags.engine);
    const workers = usefulWorkers(flags.workers, found.length);
    const detector = await (architecture === undefined
      ? openDetectors(folder, { engine, workers })
      : openWeights(folder, { architecture, normEps, workers, signal }));
    try {
      const { classes } = detector.config;
      const labels = settings.classes && labelsNamed(settings.classes, classes);
      announce([
        ['detector', `${folder} (${count(classes.length, 'class')})`],
        ['engine', engineLine(engine, workers)],
      ]);
      const asked = { ...settings, score: settings.score ?? leastScores(detector).shown };
      const run = { settings: asked, sources: found, out, labels, detector, json: flags.json ?? false };
      const work = async () => runDetection(flags.resume ? await goOn(run) : run, signal);
      await (out === undefined ? work() : inFolder(out, work));
    } finally {
      await detector.dispose();
    }
  });
}

/** The detector of a file of weights; UsageError with several workers, each of which opens a folder. */
async function openWeights(
  file: string,
  { workers, ...options }: { architecture: string; normEps?: number; workers: number; signal: AbortSignal },
): Promise<GeneralizedRCNN> {
  if (workers === 1) return importDetector(file, options);
  const { architecture, normEps } = options;
  const flags = `--architecture ${architecture}${normEps === undefined ? '' : ` --norm-eps ${normEps}`}`;
  const cure = `make a folder of it first: npx roikit import ${file} ${flags} --out <folder>`;
  throw new UsageError(`--workers: not with --architecture; ${cure}`);
}

/** The rest of a run that was stopped. */
async function goOn(run: Run): Promise<Run> {
  const before = await resumeResults(resultsPath(run.out!));
  const sources = run.sources.filter((source) => !before.source(source));
  note(`Going on after ${count(before.pictures, 'picture')}; ${count(sources.length, 'source')} to go.`);
  return { ...run, before, sources };
}

function newSettings(pictures: string[], flags: DetectFlags): DetectSettings {
  if (pictures.length === 0) throw new UsageError('detect: which pictures? Give paths, folders or addresses');
  if (flags.model === undefined)
    throw new UsageError('detect: which detector? Give --model <folder>, or --model digits');
  const { model, architecture, normEps, score, max, iou, classes, maxPixels } = flags;
  const { save, crops = false, format } = flags;
  if (normEps !== undefined && architecture === undefined)
    throw new UsageError("--norm-eps: only with --architecture; a detector's folder says its own");
  const weights = { model, architecture, normEps };
  return { pictures, ...weights, score, max, iou, classes, maxPixels, save, crops, format };
}

const MAY_CHANGE = ['resume', 'out', 'engine', 'workers', 'json'];

/** The settings of the run in --out; only what doesn't change the results may be given anew. */
async function resumedSettings(
  patterns: string[],
  flags: DetectFlags,
  command: Command,
): Promise<DetectSettings> {
  const { out } = flags;
  if (out === undefined)
    throw new UsageError('detect: which run goes on? Give its folder: --resume --out runs/detect/x');
  const given = patterns.length > 0 ? ['the pictures'] : [];
  refuseSettings(command, { out, file: SETTINGS_FILE, mayChange: MAY_CHANGE, given });
  return readSettings(out);
}

/** Where the run writes; undefined where nothing asks for a file. */
function outFolder(
  { pictures, save, crops, format }: DetectSettings,
  { out }: DetectFlags,
  [first]: readonly string[],
): string | undefined {
  const nothing = out === undefined && save === 'none' && !crops && format === undefined;
  return nothing ? undefined : runFolder({ out, task: 'detect', name: nameOf(pictures, first!) });
}

/** What was given names its run: a folder by itself, else its first picture. */
function nameOf(pictures: readonly string[], first: string): string {
  const [only] = pictures;
  const isFolder = pictures.length === 1 && existsSync(only!) && statSync(only!).isDirectory();
  return isFolder ? safeName(basename(resolve(only!))) || 'pictures' : baseName(first);
}
