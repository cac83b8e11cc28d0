import {
  trainClassifier,
  type ClassifierMetrics,
  type TrainClassifierEvent,
  type TrainClassifierOptions,
} from '@roikit/classification';
import { saveClassifier } from '@roikit/classification/node';
import type { EngineInfo } from '@roikit/engine';
import { mulberry32, type SeededRandom } from '@roikit/geometry';
import { checkpointFile, lockFolder } from '@roikit/training/node';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { Command, Option } from 'commander';
import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { announce } from '../terminal/print';
import { engineLine, startEngine } from '../engine/startEngine';
import { appendNaming, Interrupted } from '../errors';
import { readWeights } from '../weights/readWeights';
import { fraction, integer, positive, shared } from '../options';
import { runFolder } from '../runs/runFolder';
import { interruptible } from '../terminal/interrupt';
import { count } from '../format';
import { note, print } from '../terminal/print';
import { openClassifierData, type ClassifierData } from '../classification/data';
import { accuracyLine, ClassifierDisplay } from '../classification/display';
import {
  classifierSettings,
  fitBatch,
  resumeClassifier,
  writeClassifierSettings,
  type ClassifierSettings,
  type TrainClassifierFlags,
} from '../classification/settings';
import { makeClassifier } from '../classification/makeClassifier';
import { checkpointPath, refuseFinishedRun } from '../training/runFiles';

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

interface Run {
  out: string;
  settings: ClassifierSettings;
  data: ClassifierData;
  engine: EngineInfo;
  model: LayersModel;
  /** One generator for the initial weights and, after them, the run. */
  random: SeededRandom;
}

async function trainAction(flags: TrainClassifierFlags): Promise<void> {
  const { out, ...given } = flags.resume ? await resumeClassifier(flags) : newRun(flags);
  await interruptible(async (signal) => {
    const data = await openClassifierData(given);
    const settings = flags.resume ? given : fitBatch(given, flags, data.train.length);
    if (!flags.resume) refuseFinishedRun(out);
    const lock = await lockFolder(out);
    try {
      const run = await openRun({ out, settings, data }, flags, signal);
      announce(introduction(run));
      await finish(run, { metrics: await runTraining(run, signal), json: flags.json });
      run.model.dispose();
    } finally {
      await lock.release();
    }
  });
}

async function openRun(
  run: Pick<Run, 'out' | 'settings' | 'data'>,
  { resume, engine: name }: TrainClassifierFlags,
  signal: AbortSignal,
): Promise<Run> {
  const { out, settings, data } = run;
  // A checkpoint holds all weights; the file need not be there any more.
  const weights =
    settings.weights !== undefined && !existsSync(checkpointPath(out))
      ? await readWeights(settings.weights, { signal })
      : undefined;
  const engine = await startEngine(name);
  const random = mulberry32(settings.training.seed);
  const model = makeClassifier(settings, { classes: data.train.classes, weights, random });
  if (!resume) await writeClassifierSettings(out, settings);
  return { ...run, engine, model, random };
}

function newRun(flags: TrainClassifierFlags): ClassifierSettings & { out: string } {
  const settings = classifierSettings(flags);
  const name = `${basename(resolve(settings.data.path))}-${settings.network}`;
  return { ...settings, out: runFolder({ out: flags.out, task: 'train-classifier', name }) };
}

function introduction({ out, settings, data, engine }: Run): [string, string][] {
  const { classes, length } = data.train;
  const shown = classes.length <= 12 ? classes.join(', ') : `${classes.slice(0, 10).join(', ')} …`;
  const measured = data.validation ? `${data.validation.length} to validate` : 'none to validate';
  return [
    ['network', `${settings.network}, from ${settings.weights ?? 'random weights'}`],
    ['data', `${settings.data.path}, ${count(length, 'picture')}, ${measured}`],
    ['classes', `${classes.length}: ${shown}`],
    ['engine', engineLine(engine)],
    ['folder', out],
  ];
}

/** Trains to the end; Interrupted, with everything saved, where `signal` was aborted. The last epoch's metrics. */
async function runTraining(run: Run, signal: AbortSignal): Promise<ClassifierMetrics | undefined> {
  const { out, data, model } = run;
  const display = new ClassifierDisplay({ classes: data.train.classes.length });
  let metrics: ClassifierMetrics | undefined;
  try {
    for await (const event of trainClassifier(model, data.train, trainOptions(run, signal))) {
      display.show(event);
      log(out, event);
      if (event.type === 'epoch') metrics = event.validation;
      if (event.type === 'stopped') {
        note(`Stopped. Go on with: npx roikit train-classifier --resume --out ${out}`);
        throw new Interrupted();
      }
    }
    return metrics;
  } finally {
    display.stop();
  }
}

function trainOptions({ out, settings, data, random }: Run, signal: AbortSignal): TrainClassifierOptions {
  const { training, preprocessing } = settings;
  const { seed: _, learningRate, schedule, ...options } = training;
  return {
    ...options,
    optimizer: { learningRate },
    // A tenth after each third of the epochs.
    schedule: schedule === 'step' ? { type: 'step', milestones: [1 / 3, 2 / 3] } : { type: 'cosine' },
    preprocessing,
    validation: data.validation,
    checkpoint: checkpointFile(checkpointPath(out)),
    signal,
    random,
  };
}

/** A run's history, one JSON object a line. */
function log(out: string, event: TrainClassifierEvent): void {
  appendNaming(
    join(out, 'metrics.jsonl'),
    JSON.stringify({ time: new Date().toISOString(), ...event }) + '\n',
  );
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
