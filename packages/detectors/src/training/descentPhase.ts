import { setDropoutRandom } from '@roikit/ops/layers';
import {
  GradientDescent,
  type GradientDescentOptions,
  type LearningTask,
  type ParameterGroup,
  type PhaseEntry,
} from '@roikit/training';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { GeneralizedRCNN } from '../generalizedRCNN';
import type { Report } from '../types';
import type { ResolvedTrainOptions } from './trainOptions';

/** A phase of gradient descent by a run's options; `model` is what has dropout. */
export function descentPhase<Batch>(
  name: string,
  task: LearningTask<Batch, Report>,
  { model, options }: { model: LayersModel; options: ResolvedTrainOptions },
): PhaseEntry<Report> {
  return {
    name,
    create: () => {
      setDropoutRandom(model, options.random); // masks are part of what a resumed run repeats
      return new GradientDescent(task, descentOptions(name, options));
    },
  };
}

function descentOptions(phase: string, options: ResolvedTrainOptions): GradientDescentOptions {
  const { batch, random, epochs, schedule, ema, patience, validateEvery } = options;
  const { backboneFactor: _, ...optimizer } = options.optimizer; // the groups have it
  return {
    phase,
    batchSize: batch.images,
    epochs,
    optimizer,
    schedule,
    ema,
    patience,
    validateEvery,
    random,
  };
}

/** The network's own layers, which may have a rate of their own, and all others. */
export function parameterGroups(
  detector: GeneralizedRCNN,
  { optimizer: { backboneFactor: factor = 1 } }: ResolvedTrainOptions,
): ParameterGroup[] {
  const all = [...detector.variables()];
  const isBody = ([name]: readonly [string, unknown]) => name.includes('.body.');
  return [
    { variables: new Map(factor > 0 ? all.filter(isBody) : []), factor },
    { variables: new Map(all.filter((entry) => !isBody(entry))), factor: 1 },
  ];
}
