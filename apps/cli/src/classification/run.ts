import {
  trainClassifier,
  type ClassifierMetrics,
  type TrainClassifierEvent,
  type TrainClassifierOptions,
} from '@roikit/classification';
import type { EngineInfo } from '@roikit/engine';
import { mulberry32, type SeededRandom } from '@roikit/geometry';
import { checkpointFile } from '@roikit/training/node';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { startEngine } from '../engine/startEngine';
import { appendNaming, Interrupted } from '../errors';
import { checkpointPath } from '../runs/checkpoint';
import { note } from '../terminal/print';
import { readWeights } from '../weights/readWeights';
import type { ClassifierData } from './data';
import { ClassifierDisplay } from './display';
import { makeClassifier } from './makeClassifier';
import { writeSettings, type ClassifierSettings } from './settings';

/** A training run that is ready to start, or to go on. */
export interface Run {
  out: string;
  settings: ClassifierSettings;
  data: ClassifierData;
  engine: EngineInfo;
  model: LayersModel;
  /** One generator for the initial weights and, after them, the run. */
  random: SeededRandom;
}

/** Builds the network, with its weights, and writes down every setting. */
export async function openRun(
  run: Pick<Run, 'out' | 'settings' | 'data'>,
  { engine: name, signal }: { engine: string; signal: AbortSignal },
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
  await writeSettings(out, settings);
  return { ...run, engine, model, random };
}

/** Trains to the end; Interrupted, with everything saved, where `signal` was aborted. The last epoch's metrics. */
export async function trainToEnd(run: Run, signal: AbortSignal): Promise<ClassifierMetrics | undefined> {
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
