import {
  DETECTORS,
  resolveLearning,
  train,
  type GeneralizedRCNN,
  type ProposalSource,
} from '@roikit/detectors';
import { saveDetector } from '@roikit/detectors/node';
import type { Dataset } from '@roikit/datasets';
import type { EngineInfo } from '@roikit/engine';
import type { SeededRandom } from '@roikit/geometry';
import { checkpointFile } from '@roikit/training/node';
import { basename, join } from 'node:path';
import { Interrupted } from '../errors';
import { checkpointPath } from '../runs/checkpoint';
import { note } from '../terminal/print';
import { BoardLog } from './boardLog';
import type { TrainingData } from './data';
import { TrainDisplay } from './display';
import { MetricsLog, summary } from './log';
import { makeDetector } from './makeDetector';
import { PhaseTimes } from './phaseTimes';
import { writeSettings, type TrainSettings } from './settings';

/** A training run that is ready to start, or to go on. */
export interface Run {
  out: string;
  settings: TrainSettings & { training: { epochs: number } };
  data: TrainingData;
  engine: EngineInfo;
  detector: GeneralizedRCNN;
  random: SeededRandom;
}

export interface RunOptions {
  signal: AbortSignal;
  proposals?: ProposalSource;
  /** Measured after epochs. */
  validation?: Dataset;
  /** The command with which a run that is stopped goes on. @default `train --resume` */
  goOn?: string;
}

/** Where a run's history is, in its folder. */
export const metricsPath = (out: string): string => join(out, 'metrics.jsonl');

/** Makes the detector and writes down every setting, with nothing left open. */
export async function openRun({
  out,
  settings,
  engine,
  data,
}: Pick<Run, 'out' | 'engine'> & { settings: TrainSettings; data: TrainingData }): Promise<Run> {
  const made = await makeDetector(settings, data.dataset, out);
  const { classes: _, ...resolved } = made.detector.config;
  const training = resolveLearning(settings.training, {
    images: data.dataset.length,
    // Not what the detector says: that of a resumed run has its weights from the checkpoint.
    pretrained: settings.weights !== undefined || settings.from !== undefined,
    batch: DETECTORS[settings.detector.type].batch.images,
  });
  const detector = resolved as typeof settings.detector;
  const run: Run = { out, settings: { ...settings, detector, training }, data, engine, ...made };
  await writeSettings(out, run.settings); // a resumed run keeps its new number of epochs
  return run;
}

/** Trains to the end; Interrupted, with everything saved, where `signal` was aborted. */
export async function trainToEnd(run: Run, options: RunOptions): Promise<void> {
  const { signal, proposals, validation, goOn = `npx roikit train --resume --out ${run.out}` } = options;
  const { out, settings, data, detector, random } = run;
  const { seed: _, saveAs, ...training } = settings.training;
  const display = new TrainDisplay();
  const log = new MetricsLog(metricsPath(out));
  const board = settings.tensorboard ? new BoardLog(join(out, 'tensorboard')) : undefined;
  const times = await PhaseTimes.open(out);
  const events = train(detector, data.dataset, {
    ...training,
    validation,
    proposals,
    checkpoint: checkpointFile(checkpointPath(out)),
    signal,
    random,
  });
  try {
    for await (const event of events) {
      display.show(event);
      log.write(event);
      board?.write(event);
      await times.hear(event);
      if (event.type === 'epoch' && event.best && event.validation) {
        const about = { dtype: saveAs, metrics: summary(event.validation), provenance: provenance(run) };
        await saveDetector(detector, join(out, 'detector-best'), about);
      }
      if (event.type === 'stopped') {
        note(`Stopped. Go on with: ${goOn}`);
        throw new Interrupted();
      }
    }
  } finally {
    display.stop();
  }
}

/** Where a detector comes from, for its folder. */
export function provenance({ settings, engine }: Run): Record<string, unknown> {
  const { data, training, recipe, weights } = settings;
  return {
    date: new Date().toISOString(),
    recipe,
    data,
    training,
    weights: weights && basename(weights),
    engine: engine.name,
  };
}
