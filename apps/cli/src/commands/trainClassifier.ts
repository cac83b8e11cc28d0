import type { ClassifierMetrics } from '@roikit/classification';
import { saveClassifier } from '@roikit/classification/node';
import { clearLeftovers, lockFolder } from '@roikit/training/node';
import { Command, Option } from 'commander';
import { basename, join, resolve } from 'node:path';
import { openClassifierData } from '../classification/data';
import { accuracyLine } from '../classification/display';
import { openRun, trainToEnd, type Run } from '../classification/run';
import {
  classifierSettings,
  fitBatch,
  readSettings,
  SETTINGS_FILE,
  type ClassifierSettings,
  type TrainClassifierFlags,
} from '../classification/settings';
import { engineLine } from '../engine/startEngine';
import { UsageError } from '../errors';
import { count, shortList } from '../format';
import { fraction, integer, positive, shared } from '../options';
import { refuseFinishedRun } from '../runs/checkpoint';
import { refuseSettings } from '../runs/resume';
import { runFolder } from '../runs/runFolder';
import { interruptible } from '../terminal/interrupt';
import { announce, print } from '../terminal/print';

export function trainClassifierCommand(): Command {
  return new Command('train-classifier')
    .option('--data <folder>', 'a folder with one folder of pictures for each class')
    .option('--val-data <folder>', 'the same, to measure on after each epoch')
    .option('--val-share <x>', 'share of --data set apart for that; 0 for none; default: 0.2', fraction)
    .option('--model <network>', 'the network, for example mobilenetV2')
    .option(
      '--weights <file>',
      "weights to start from: imagenet fetches torchvision's, else a file, an address or hf:owner/name[/file]; default: train from scratch",
    )
    .addOption(shared.source())
    .option('--size <px>', "side of the network's input; default: as published", integer({ min: 32 }))
    .option('--epochs <n>', 'how often every picture is seen', integer({ min: 1 }))
    .option('--batch <n>', 'pictures a step; default: 32, all where there are fewer', integer({ min: 1 }))
    .option('--lr <x>', 'learning rate of the first step', positive)
    .addOption(new Option('--schedule <name>', 'how it falls').choices(['cosine', 'step']))
    .option('--label-smoothing <x>', 'probability spread over all classes', fraction)
    .option('--ema <x>', 'keep a moving average of the weights with this decay, such as 0.999', fraction)
    .option('--no-flip', 'do not mirror pictures: left and right differ in meaning')
    .option('--seed <n>', 'another seed, another order and other initial weights', integer({ min: 0 }))
    .addOption(shared.engine())
    .addOption(shared.out('runs/train-classifier/<data>-<network>'))
    .option('--resume', 'go on with the run in --out after its last finished epoch')
    .addOption(shared.json())
    .action(trainAction);
}

async function trainAction(flags: TrainClassifierFlags, command: Command): Promise<void> {
  const { out, ...given } = flags.resume ? await resumedRun(flags, command) : newRun(flags);
  await interruptible(async (signal) => {
    const data = await openClassifierData(given);
    const settings = flags.resume ? given : fitBatch(given, flags, data.train.length);
    if (!flags.resume) refuseFinishedRun(out);
    const lock = await lockFolder(out);
    try {
      await clearLeftovers(out);
      const run = await openRun({ out, settings, data }, { engine: flags.engine, signal });
      announce(introduction(run));
      await finish(run, { metrics: await trainToEnd(run, signal), json: flags.json });
      run.model.dispose();
    } finally {
      await lock.release();
    }
  });
}

function newRun(flags: TrainClassifierFlags): ClassifierSettings & { out: string } {
  const settings = classifierSettings(flags);
  const name = `${basename(resolve(settings.data.path))}-${settings.network}`;
  return { ...settings, out: runFolder({ out: flags.out, task: 'train-classifier', name }) };
}

async function resumedRun(
  { out }: TrainClassifierFlags,
  command: Command,
): Promise<ClassifierSettings & { out: string }> {
  if (out === undefined)
    throw new UsageError('train-classifier: which run goes on? Give its folder: --resume --out <folder>');
  const mayChange = ['resume', 'out', 'engine', 'json'];
  refuseSettings(command, { out, file: SETTINGS_FILE, mayChange });
  return { ...(await readSettings(out)), out };
}

function introduction({ out, settings, data, engine }: Run): [string, string][] {
  const { classes, length } = data.train;
  const measured = data.validation ? `${data.validation.length} to validate` : 'none to validate';
  return [
    ['network', `${settings.network}, from ${settings.weights ?? 'random weights'}`],
    ['data', `${settings.data.path}, ${count(length, 'picture')}, ${measured}`],
    ['classes', `${classes.length}: ${shortList(classes)}`],
    ['engine', engineLine(engine)],
    ['folder', out],
  ];
}

async function finish(
  { out, settings, data, engine, model }: Run,
  { metrics, json }: { metrics?: ClassifierMetrics; json?: boolean },
): Promise<void> {
  const folder = join(out, 'classifier');
  const { network, source, preprocessing, training, weights } = settings;
  const { classes } = data.train;
  const provenance = {
    date: new Date().toISOString(),
    data: settings.data,
    weights,
    training,
    metrics,
    engine: engine.name,
  };
  await saveClassifier(folder, { model, network, source, classes, preprocessing }, provenance);
  if (json) return print(JSON.stringify({ folder: out, classifier: folder, validation: metrics }, null, 2));
  if (metrics) print(`validation: ${accuracyLine(metrics, classes.length)}`);
  print(`classifier: ${folder}`);
  print(`next:       npx roikit classify photo.jpg --model ${folder}`);
}
