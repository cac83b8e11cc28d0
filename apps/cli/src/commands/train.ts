import { DEFAULT_KIND, DETECTORS } from '@roikit/detectors';
import { saveDetector } from '@roikit/detectors/node';
import { Command, Option } from 'commander';
import { basename, join, resolve } from 'node:path';
import { DIGITS } from '../dataset/digitScenes';
import { findDetector } from '../detector/findDetector';
import { readConfig } from '../detector/openDetector';
import { proposalCache } from '../detector/proposalCache';
import { engineLine, startEngine } from '../engine/startEngine';
import { UsageError } from '../errors';
import { count, shortList } from '../format';
import { onlyWith } from '../onlyWith';
import { fraction, integer, positive, shared } from '../options';
import { printReport } from '../report/printReport';
import { toResults } from '../report/results';
import { canTellBest } from '../runs/bestEpoch';
import { refuseFinishedRun } from '../runs/checkpoint';
import { refuseSettings } from '../runs/resume';
import { inFolder, runFolder } from '../runs/runFolder';
import { interruptible } from '../terminal/interrupt';
import { announce, note, print } from '../terminal/print';
import { batchOption } from '../training/batchOption';
import { openTrainingData } from '../training/data';
import { measureRun } from '../training/measure';
import { readRecipe, type Recipe } from '../training/recipe';
import { openRun, provenance, trainToEnd, type Run, type RunOptions } from '../training/run';
import {
  backboneOf,
  readSettings,
  resolveSettings,
  SETTINGS_FILE,
  type TrainFlags,
  type TrainSettings,
} from '../training/settings';

export function trainCommand(): Command {
  return new Command('train')
    .option('--data <folder>', 'annotated pictures, or digits for synthetic scenes')
    .addOption(shared.format())
    .addOption(shared.images())
    .addOption(shared.annotations())
    .option('--split <name>', 'the part of the data to train on; default: all of it')
    .option('--val-split <name>', 'the part to measure AP50 on after each epoch')
    .option(
      '--val-share <x>',
      'or a share of the pictures for it; default: 0.2 without --val-split',
      fraction,
    )
    .addOption(shared.classes())
    .addOption(shared.strict())
    .option(
      '--recipe <file>',
      'JSON with data, detector and training options, or the name of one that comes with roikit; flags override it',
    )
    .addOption(
      new Option('--type <name>', `kind of detector; default: ${DEFAULT_KIND}`).choices(
        Object.keys(DETECTORS),
      ),
    )
    .option('--backbone <name>', 'network that makes the feature map, for example squeezenet1_1')
    .option(
      '--weights <file>',
      "the backbone's ImageNet weights: imagenet fetches torchvision's, else a file, an address or hf:owner/name; default: train from scratch",
    )
    .option(
      '--from <detector>',
      "a detector's folder to start from, such as an imported one: all but its last layers are kept",
    )
    .option(
      '--epochs <n>',
      'how often every picture is seen; default: 3,200 / pictures, 6 at least and 36 at most',
      integer({ min: 1 }),
    )
    .addOption(batchOption())
    .option('--lr <x>', 'learning rate; default: 0.001 (AdamW)', positive)
    .option('--seed <n>', 'another seed, another order and other initial weights', integer({ min: 0 }))
    .addOption(shared.engine())
    .addOption(shared.cache())
    .addOption(shared.out('runs/train/<data>-<backbone>'))
    .option('--tensorboard', 'write event files for TensorBoard too: <out>/tensorboard')
    .option('--resume', 'go on with the run in --out where it was stopped')
    .addOption(shared.json())
    .action(trainAction);
}

async function trainAction(flags: TrainFlags, command: Command): Promise<void> {
  const { out, settings } = flags.resume ? await resumedRun(flags, command) : await newRun(flags, command);
  const engine = await startEngine(flags.engine);
  const data = await openTrainingData(settings);
  if (!flags.resume) refuseFinishedRun(out);
  await inFolder(out, async () => {
    const run = await openRun({ out, settings, engine, data });
    await trainRun(run, flags);
  });
}

async function trainRun(run: Run, flags: TrainFlags): Promise<void> {
  announce(introduction(run));
  const cache = proposalCache(run.detector, flags.cache);
  await interruptible(async (signal) => {
    await trainToEnd(run, { signal, proposals: cache.source, validation: run.data.validation });
    await finish(run, { signal, proposals: cache.source, json: flags.json });
  }).finally(() => cache.close());
  run.detector.dispose();
}

/** What scenes of digits don't have. */
const FOLDER_OPTIONS = 'format images annotations strict classes split valSplit valShare'.split(' ');

async function newRun(
  flags: TrainFlags,
  command: Command,
): Promise<{ out: string; settings: TrainSettings }> {
  const recipe = flags.recipe === undefined ? {} : await readRecipe(flags.recipe, flags.type);
  const settings = resolveSettings(
    flags,
    flags.from === undefined ? recipe : await startingFrom(flags, recipe),
  );
  if (settings.data.path === DIGITS) onlyWith(command, 'a folder of pictures as --data', FOLDER_OPTIONS);
  const name = `${basename(resolve(settings.data.path))}-${backboneOf(settings.detector)}`;
  return { out: runFolder({ out: flags.out, task: 'train', name }), settings };
}

const MAY_CHANGE = ['resume', 'out', 'engine', 'cache', 'json', 'epochs', 'tensorboard'];

/** The run in --out; only how long it goes on and what changes no result may be given anew. */
async function resumedRun(
  { out, epochs, tensorboard }: TrainFlags,
  command: Command,
): Promise<{ out: string; settings: TrainSettings }> {
  if (out === undefined)
    throw new UsageError('train: which run goes on? Give its folder: --resume --out runs/train/x');
  refuseSettings(command, { out, file: SETTINGS_FILE, mayChange: MAY_CHANGE });
  const settings = await readSettings(out);
  const training = { ...settings.training, epochs: epochs ?? settings.training.epochs };
  return { out, settings: { ...settings, training, tensorboard: tensorboard ?? settings.tensorboard } };
}

/** The recipe of a run that starts from a detector: it is of that detector's kind, with its settings. */
async function startingFrom(flags: TrainFlags, recipe: Recipe): Promise<Recipe> {
  const given = (['type', 'backbone', 'weights'] as const).filter((name) => flags[name] !== undefined);
  if (given.length > 0 || recipe.detector) {
    const what = [...given.map((name) => `--${name}`), ...(recipe.detector ? ["the recipe's detector"] : [])];
    throw new UsageError(`train: --from takes all settings from its detector; leave out ${what.join(', ')}`);
  }
  const { classes: _, ...detector } = await readConfig(findDetector(flags.from as string));
  return { ...recipe, detector: detector as unknown as Recipe['detector'] };
}

function introduction({
  out,
  settings,
  data: { dataset, validation },
  engine,
  detector,
}: Run): [string, string][] {
  const { classes } = dataset;
  const measured = validation ? `, ${validation.length} to validate` : ', no validation split';
  const start =
    settings.from ?? (settings.weights === undefined ? 'random weights' : basename(settings.weights));
  return [
    ['detector', `${settings.detector.type} on ${detector.config.backbone.name}, from ${start}`],
    ['data', `${dataset.name}, ${count(dataset.length, 'image')}${measured}`],
    ['classes', `${classes.length}: ${shortList(classes)}`],
    ['engine', engineLine(engine)],
    ['folder', out],
  ];
}

/** Saves the detector, measures it on the validation split and says where everything is. */
async function finish(run: Run, { signal, proposals, json }: RunOptions & { json?: boolean }): Promise<void> {
  const { out, settings, data, detector } = run;
  const folder = join(out, 'detector');
  await saveDetector(detector, folder, { dtype: settings.training.saveAs, provenance: provenance(run) });
  if (data.validation) {
    const { page, model } = await measureRun(run, {
      dataset: data.validation,
      title: `${basename(resolve(out))}: training on ${data.dataset.name}`,
      on: 'on the validation split ',
      signal,
      proposals,
    });
    if (json)
      return print(
        JSON.stringify({ folder: out, detector: folder, report: page, ...toResults(model) }, null, 2),
      );
    note();
    printReport(model);
    print(`\nreport:   ${page}`);
  }
  if (json) return print(JSON.stringify({ folder: out, detector: folder }, null, 2));
  print(`detector: ${whichDetector(out, folder, data.validation?.length)}`);
  print(`next:     npx roikit detect photo.jpg --model ${out}`);
}

/** The detector that the run's folder stands for, and the other one. @param pictures of the validation, if there was one */
function whichDetector(out: string, last: string, pictures?: number): string {
  if (pictures === undefined) return last;
  const best = join(out, 'detector-best');
  if (canTellBest(pictures)) return `${best}, of the last epoch: ${last}`;
  return `${last}, of the last epoch; best by the ${count(pictures, 'picture')} of the validation, which tell little: ${best}`;
}
