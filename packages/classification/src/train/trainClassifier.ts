import { loadWeights, stateDictOf, variablesOf } from '@roikit/backbones';
import type { SeededRandom } from '@roikit/geometry';
import type { RgbImage } from '@roikit/image';
import { normalizeImage } from '@roikit/ops';
import { setDropoutRandom } from '@roikit/ops/layers';
import {
  cosineOrSteps,
  GradientDescent,
  optimizerOptions,
  parseOptions,
  runPhases,
  scheduleOptions,
  withoutUndefined,
  type CheckpointStore,
  type LearningTask,
  type OptimizerOptions,
  type ScheduleOptions,
  type TrainEvent,
} from '@roikit/training';
import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { preprocessings, type PreprocessOptions } from '../preprocess';
import { augment, type ClassifierAugmentation } from './augment';
import type { ClassificationDataset } from './dataset';
import { measure, type ClassifierMetrics } from './evaluateClassifier';

export interface TrainClassifierOptions {
  epochs: number;
  /** Order of pictures, augmentation and dropout follow from it; its state is part of a checkpoint. */
  random: SeededRandom;
  /** Images a step. @default 32 (fits a small machine, is enough for batch norm), all of the images where there are fewer */
  batch?: number;
  /**
   * @default SGD at 0.1 for 256 images a step, in proportion to `batch`, weightDecay 1e-4 (ResNet, §3.4). AdamW has the
   * defaults of `Optimizer`
   */
  optimizer?: OptimizerOptions;
  /** @default { type: 'cosine' } nothing to choose; 'step' where milestones or gamma are given */
  schedule?: ScheduleOptions;
  /** Probability spread over all classes; Inception V3 has 0.1. @default 0 ResNet's */
  labelSmoothing?: number;
  /** Decay of a moving average of the weights, such as 0.999, which is then validated and kept. @default none */
  ema?: number;
  /** Ends after so many validations without a better top-1, and keeps the best weights; needs `validation`. @default never */
  patience?: number;
  /** Epochs from one validation to the next; the last is always validated. @default 1 */
  validateEvery?: number;
  augmentation?: ClassifierAugmentation;
  /** @default preprocessings.torchvision the most published weights */
  preprocessing?: PreprocessOptions;
  /** Pictures to measure after each epoch. @default none */
  validation?: ClassificationDataset;
  /** Saved after every epoch and when `signal` is aborted; an existing state is taken up. */
  checkpoint?: CheckpointStore;
  /** Ends the run after the current step, or the current batch of a validation. */
  signal?: AbortSignal;
}

/** The `validation` of an `epoch` event is a `ClassifierMetrics`, its `score` top-1. */
export type TrainClassifierEvent = TrainEvent<ClassifierMetrics>;

interface Batch {
  /** Cropped and flipped. */
  images: RgbImage[];
  labels: number[];
}

/**
 * Trains a network on labelled pictures. The model holds the result: the averaged weights with `ema`, the best ones with
 * `patience`. A run that is stopped and taken up from its checkpoint goes through the same losses as one that never
 * stopped. A smaller last batch is left out: it would shake the batch norms.
 *
 * @throws RangeError where options, network and data do not fit, or a checkpoint was made with other ones;
 * DivergenceError where the loss is no longer finite, with the last good weights in the model.
 */
export async function* trainClassifier(
  model: tfl.LayersModel,
  dataset: ClassificationDataset,
  options: TrainClassifierOptions,
): AsyncGenerator<TrainClassifierEvent> {
  const { batch = Math.min(32, dataset.length) } = options;
  const { epochs, random, checkpoint, signal, ema, patience, validateEvery } = options;
  check(model, dataset, { epochs, batch });
  if (patience !== undefined && options.validation === undefined) {
    throw new RangeError(
      'trainClassifier: patience must be of validations, got no validation; give one, or leave patience out',
    );
  }
  const optimizer = optimizerFor(options, batch);
  const schedule = parseOptions('trainClassifier', scheduleOptions, cosineOrSteps(options.schedule));
  const descent = { epochs, batchSize: batch, optimizer, schedule, ema, patience, validateEvery };
  const { labelSmoothing, augmentation, preprocessing } = options;
  const trainee = {
    stateDict: () => stateDictOf(model),
    load: (state: Parameters<typeof loadWeights>[1]) => void loadWeights(model, state),
  };
  const phase = {
    name: PHASE,
    create: () => {
      setDropoutRandom(model, random); // masks are part of what a resumed run repeats
      const task = classification(model, dataset, { ...options, batch });
      return new GradientDescent(task, { ...descent, phase: PHASE, dropLast: true, random });
    },
  };
  yield* runPhases(trainee, [phase], {
    checkpoint,
    signal,
    random,
    settings: {
      network: model.name,
      data: { classes: dataset.classes, pictures: dataset.length },
      training: { ...descent, labelSmoothing, augmentation, preprocessing },
    },
  });
}

const PHASE = 'train';

function optimizerFor({ optimizer = {} }: TrainClassifierOptions, batch: number): OptimizerOptions {
  const resnet = { learningRate: (0.1 * batch) / 256, weightDecay: 1e-4 };
  const defaults = optimizer.type === 'adamw' ? {} : resnet;
  return parseOptions('trainClassifier', optimizerOptions, {
    ...defaults,
    ...withoutUndefined(optimizer),
  });
}

function check(
  model: tfl.LayersModel,
  dataset: ClassificationDataset,
  { epochs, batch }: { epochs: number; batch: number },
): void {
  const outputs = outputsOf(model);
  if (outputs !== dataset.classes.length) {
    throw new RangeError(
      `trainClassifier: ${model.name} has ${outputs} outputs, the data ${dataset.classes.length} classes; ` +
        `build it with numClasses: ${dataset.classes.length}`,
    );
  }
  if (!(Number.isInteger(epochs) && epochs >= 1))
    throw new RangeError(`trainClassifier: epochs must be a positive integer, got ${epochs}`);
  if (!(Number.isInteger(batch) && batch >= 1 && batch <= dataset.length)) {
    throw new RangeError(
      `trainClassifier: batch must be 1 to the ${dataset.length} images there are, got ${batch}`,
    );
  }
}

const outputsOf = (model: tfl.LayersModel) => model.outputs[0]!.shape.at(-1) as number;

function classification(
  model: tfl.LayersModel,
  dataset: ClassificationDataset,
  options: TrainClassifierOptions & { batch: number },
): LearningTask<Batch, ClassifierMetrics> {
  const { augmentation = {}, preprocessing = preprocessings.torchvision, labelSmoothing = 0 } = options;
  const { validation, batch, signal } = options;
  return {
    items: Array.from({ length: dataset.length }, (_, i) => i),
    groups: [{ variables: variablesOf(model.trainableWeights), factor: 1 }],
    variables: variablesOf(model.weights),
    nameOf: (index) => dataset.name?.(index) ?? `picture ${index}`,
    prepare: async (indices, random) => {
      const samples = await Promise.all(indices.map((index) => dataset.get(index)));
      return {
        images: samples.map(({ image }) => augment(image, preprocessing.crop, augmentation, random)),
        labels: samples.map(({ label }) => label),
      };
    },
    losses: ({ images, labels }) => {
      const inputs = tf.concat(images.map((image) => normalizeImage(image, preprocessing)));
      const output = model.apply(inputs, { training: true });
      const logits = (Array.isArray(output) ? output[0] : output) as tf.Tensor2D;
      const truth = tf.oneHot(labels, outputsOf(model));
      const loss = tf.losses.softmaxCrossEntropy(truth, logits, undefined, labelSmoothing);
      return { classification: loss as tf.Scalar };
    },
    ...(validation && { validate: () => validate(model, validation, { batch, preprocessing, signal }) }),
  };
}

async function* validate(...args: Parameters<typeof measure>) {
  const report = yield* measure(...args);
  return report && { score: report.top1, report };
}
