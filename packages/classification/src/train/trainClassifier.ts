import { mulberry32 } from '@roikit/geometry';
import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { setDropoutRandom } from '@roikit/ops/layers';
import type { PreprocessOptions } from '../preprocess';
import { normalize, preprocessings } from '../preprocess';
import type { ClassifierAugmentation } from './augment';
import { augment } from './augment';
import type { ClassifierCheckpoint } from './checkpoint';
import { restoreCheckpoint, saveCheckpoint } from './checkpoint';
import type { ClassificationDataset } from './dataset';
import { shuffled } from './dataset';
import { WeightAverage } from './ema';
import type { ClassifierMetrics } from './evaluateClassifier';
import { evaluateClassifier } from './evaluateClassifier';
import type { SgdOptions } from './sgd';
import { Sgd } from './sgd';

export interface TrainClassifierOptions {
  epochs: number;
  /** Order of images, augmentation and dropout follow from it, epoch by epoch, so that a resumed run is the same run. */
  seed: number;
  /** Pictures to measure after each epoch. @default none */
  validation?: ClassificationDataset;
  /** Images a step. @default 32 fits a small machine, and batch norm */
  batch?: number;
  /** Of the first step. @default 0.1 for 256 images, as ResNet, in proportion to `batch` */
  learningRate?: number;
  /** `cosine` to 0, or `step`: a tenth after each third of the epochs. @default 'cosine' nothing to choose */
  schedule?: 'cosine' | 'step';
  sgd?: SgdOptions;
  /** Probability spread over all classes; Inception V3 has 0.1. @default 0 ResNet's */
  labelSmoothing?: number;
  /** Decay of a moving average of the weights, such as 0.999, which is then validated and kept. @default none */
  ema?: number;
  augmentation?: ClassifierAugmentation;
  preprocessing?: PreprocessOptions;
  /** Where a run stopped. */
  resume?: ClassifierCheckpoint;
  signal?: AbortSignal;
}

export type TrainClassifierEvent =
  | { type: 'start'; epoch: number; epochs: number; stepsPerEpoch: number; images: number }
  | { type: 'step'; epoch: number; step: number; loss: number; learningRate: number }
  | {
      type: 'epoch';
      epoch: number;
      /** Mean loss of the epoch's steps. */
      loss: number;
      validation?: ClassifierMetrics;
      checkpoint: () => Promise<ClassifierCheckpoint>;
    };

function learningRateAt(progress: number, base: number, schedule: 'cosine' | 'step'): number {
  if (schedule === 'cosine') return 0.5 * base * (1 + Math.cos(Math.PI * progress));
  return base * 0.1 ** Math.floor(progress * 3);
}

function check(
  model: tfl.LayersModel,
  dataset: ClassificationDataset,
  { epochs, batch }: { epochs: number; batch: number },
) {
  const outputs = model.outputs[0].shape.at(-1);
  if (outputs !== dataset.classes.length) {
    throw new RangeError(
      `trainClassifier: ${model.name} has ${outputs} outputs, the data ${dataset.classes.length} classes; ` +
        `build it with numClasses: ${dataset.classes.length}`,
    );
  }
  if (!(epochs >= 1)) throw new RangeError(`trainClassifier: epochs must be 1 or more, got ${epochs}`);
  if (batch < 1 || dataset.length < batch) {
    throw new RangeError(
      `trainClassifier: batch must be 1 to the ${dataset.length} images there are, got ${batch}`,
    );
  }
}

interface Step {
  images: tf.Tensor4D;
  labels: number[];
}

async function readBatch(
  dataset: ClassificationDataset,
  indices: Int32Array,
  { augmentation = {}, preprocessing = preprocessings.torchvision }: TrainClassifierOptions,
  random: () => number,
): Promise<Step> {
  const samples = await Promise.all(Array.from(indices, (index) => dataset.get(index)));
  const images = tf.tidy(() =>
    tf.concat4d(
      samples.map(({ image }) =>
        normalize(augment(image, preprocessing.crop, augmentation, random), preprocessing),
      ),
      0,
    ),
  );
  return { images, labels: samples.map(({ label }) => label) };
}

/** One step of SGD; returns its loss. */
function train(
  model: tfl.LayersModel,
  sgd: Sgd,
  { images, labels }: Step,
  learningRate: number,
  smoothing: number,
) {
  const classes = model.outputs[0].shape.at(-1) as number;
  const { value, grads } = tf.variableGrads(() => {
    const output = model.apply(images, { training: true });
    const logits = (Array.isArray(output) ? output[0] : output) as tf.Tensor2D;
    return tf.losses.softmaxCrossEntropy(
      tf.oneHot(labels, classes),
      logits,
      undefined,
      smoothing,
    ) as tf.Scalar;
  }, sgd.variables);
  sgd.step(grads, learningRate);
  const [loss] = value.dataSync();
  tf.dispose([value, grads, images]);
  return loss;
}

/**
 * Trains a network on labelled pictures with SGD, one event a step and one an epoch. The model holds the result; with
 * `ema`, the averaged weights once the last epoch is done.
 *
 * @throws RangeError where network and data do not fit; the signal's reason where it aborts.
 */
export async function* trainClassifier(
  model: tfl.LayersModel,
  dataset: ClassificationDataset,
  options: TrainClassifierOptions,
): AsyncGenerator<TrainClassifierEvent, void, void> {
  const {
    epochs,
    seed,
    validation,
    batch = 32,
    schedule = 'cosine',
    labelSmoothing = 0,
    resume,
    signal,
  } = options;
  const { learningRate: base = (0.1 * batch) / 256, preprocessing } = options;
  check(model, dataset, { epochs, batch });
  const sgd = new Sgd(model, options.sgd);
  const ema = options.ema === undefined ? undefined : new WeightAverage(model, options.ema);
  try {
    if (resume) restoreCheckpoint(resume, model, sgd, ema);
    const stepsPerEpoch = Math.floor(dataset.length / batch); // a smaller last batch would shake the batch norms
    const first = resume?.epoch ?? 0;
    yield { type: 'start', epoch: first, epochs, stepsPerEpoch, images: dataset.length };
    for (let epoch = first; epoch < epochs; epoch++) {
      const random = mulberry32(seed + epoch * 0x9e3779b1);
      setDropoutRandom(model, random);
      const order = shuffled(dataset.length, random);
      let sum = 0;
      for (let step = 0; step < stepsPerEpoch; step++) {
        signal?.throwIfAborted();
        const data = await readBatch(
          dataset,
          order.subarray(step * batch, (step + 1) * batch),
          options,
          random,
        );
        const learningRate = learningRateAt((epoch + step / stepsPerEpoch) / epochs, base, schedule);
        const loss = train(model, sgd, data, learningRate, labelSmoothing);
        ema?.update();
        sum += loss;
        yield { type: 'step', epoch, step, loss, learningRate };
      }
      ema?.swap();
      const metrics =
        validation && (await evaluateClassifier(model, validation, { batch, preprocessing, signal }));
      ema?.swap();
      const checkpoint = () => saveCheckpoint(epoch + 1, model, sgd, ema);
      yield { type: 'epoch', epoch, loss: sum / stepsPerEpoch, validation: metrics, checkpoint };
    }
    ema?.swap();
  } finally {
    sgd.dispose();
    ema?.dispose();
  }
}
