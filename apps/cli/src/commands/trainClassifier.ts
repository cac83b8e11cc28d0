import { trainClassifier, type ClassifierMetrics, type TrainClassifierEvent } from '@roikit/classification';
import { saveClassifier } from '@roikit/classification/node';
import type { EngineInfo } from '@roikit/engine';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { Command, Option } from 'commander';
import { appendFileSync, existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { announce, engineLine, startEngine } from '../environment';
import { Interrupted } from '../errors';
import { readWeights } from '../networkWeights';
import { fraction, integer, positive, shared } from '../options';
import { runFolder } from '../runFolder';
import { interruptible } from '../terminal/interrupt';
import { count, note, print } from '../terminal/print';
import { readCheckpoint, writeCheckpoint } from '../training/classifierCheckpoint';
import { openClassifierData, type ClassifierData } from '../training/classifierData';
import { accuracyLine, ClassifierDisplay } from '../training/classifierDisplay';
import {
  classifierSettings,
  resumeClassifier,
  writeClassifierSettings,
  type ClassifierSettings,
  type TrainClassifierFlags,
} from '../training/classifierSettings';
import { makeClassifier } from '../training/makeClassifier';
import { checkpointPath } from '../training/settings';

export function trainClassifierCommand(): Command {
  return new Command('train-classifier')
    .option('--data <folder>', 'a folder with one folder of pictures for each class')
    .option('--val-data <folder>', 'the same, to measure on after each epoch')
    .option('--val-share <x>', 'share of --data set apart for that; 0 for none; default: 0.2', fraction)
    .option('--model <network>', 'the network, for example mobilenetV2')
    .option(
      '--weights <file>',
      'weights to start from: a file, or hf:owner/name[/file] on the hub; default: train from scratch',
    )
    .addOption(shared.source())
    .option('--size <px>', "side of the network's input; default: as published", integer({ min: 32 }))
    .option('--epochs <n>', 'how often every picture is seen', integer({ min: 1 }))
    .option('--batch <n>', 'pictures a step', integer({ min: 1 }))
    .option('--lr <x>', 'learning rate of the first step', positive)
    .addOption(new Option('--schedule <name>', 'how it falls').choices(['cosine', 'step']))
    .option('--label-smoothing <x>', 'probability spread over all classes', fraction)
    .option('--ema <x>', 'keep a moving average of the weights with this decay, such as 0.999', fraction)
    .option('--no-flip', 'do not mirror pictures: left and right differ in meaning')
    .option('--seed <n>', 'another seed, another order and other initial weights', integer({ min: 0 }))
    .addOption(shared.engine())
    .addOption(shared.out('runs/train-classifier/<data>-<network>'))
    .option('--resume', 'go on with the run in --out after its last finished epoch')
    .action(trainAction);
}

interface Run {
  out: string;
  settings: ClassifierSettings;
  data: ClassifierData;
  engine: EngineInfo;
  model: LayersModel;
}

async function trainAction(flags: TrainClassifierFlags): Promise<void> {
  await interruptible(async (signal) => {
    const run = await openRun(flags, signal);
    announce(introduction(run));
    await finish(run, await runTraining(run, signal));
    run.model.dispose();
  });
}

async function openRun(flags: TrainClassifierFlags, signal: AbortSignal): Promise<Run> {
  const { out, ...settings } = flags.resume ? await resumeClassifier(flags) : newRun(flags);
  const data = await openClassifierData(settings);
  // A checkpoint holds all weights; the file need not be there any more.
  const weights =
    settings.weights !== undefined && !existsSync(checkpointPath(out))
      ? await readWeights(settings.weights, { signal })
      : undefined;
  const engine = await startEngine(flags.engine);
  const model = makeClassifier(settings, { classes: data.train.classes, weights });
  if (!flags.resume) await writeClassifierSettings(out, settings);
  return { out, settings, data, engine, model };
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

/** Trains to the end; Interrupted where `signal` was aborted. The last epoch's metrics. */
async function runTraining(
  { out, settings, data, model }: Run,
  signal: AbortSignal,
): Promise<ClassifierMetrics | undefined> {
  const resume = await readCheckpoint(checkpointPath(out));
  const display = new ClassifierDisplay({ classes: data.train.classes.length });
  const { training, preprocessing } = settings;
  const { validation } = data;
  const options = { ...training, preprocessing, validation, resume, signal };
  let finished = resume?.epoch ?? 0;
  let metrics: ClassifierMetrics | undefined;
  try {
    for await (const event of trainClassifier(model, data.train, options)) {
      display.show(event);
      log(out, event);
      if (event.type !== 'epoch') continue;
      await writeCheckpoint(checkpointPath(out), await event.checkpoint());
      finished = event.epoch + 1;
      metrics = event.validation;
    }
    return metrics;
  } catch (error) {
    if (!signal.aborted) throw error;
    display.stop();
    note(stopped(out, finished));
    throw new Interrupted();
  } finally {
    display.stop();
  }
}

function stopped(out: string, finished: number): string {
  const from = finished > 0 ? `after epoch ${finished}` : 'from the start';
  return `Stopped. Go on ${from} with: npx roikit train-classifier --resume --out ${out}`;
}

/** A run's history, one JSON object a line. */
function log(out: string, event: TrainClassifierEvent): void {
  appendFileSync(
    join(out, 'metrics.jsonl'),
    JSON.stringify({ time: new Date().toISOString(), ...event }) + '\n',
  );
}

async function finish(
  { out, settings, data, engine, model }: Run,
  metrics: ClassifierMetrics | undefined,
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
  if (metrics) print(`validation: ${accuracyLine(metrics, classes.length)}`);
  print(`classifier: ${folder}`);
  print(`next:       npx roikit classify photo.jpg --model ${folder}`);
}
