import type { Sample } from '@roikit/datasets';
import type { Boxes } from '@roikit/geometry';
import { sampleRegions } from '@roikit/heads';
import * as tf from '@tensorflow/tfjs-core';
import { augment } from './augment';
import type { FastRCNN } from './fastRCNN';
import type { Optimizer } from './optimizer';
import type { TrainOptions } from './train';
import type { Losses } from './types';

/** An image of a batch with its annotated objects and its proposals. */
export interface TrainImage {
  sample: Sample;
  proposals: Boxes;
}

export type TrainStepOptions = Pick<TrainOptions, 'batch' | 'loss' | 'augment' | 'random'> & {
  learningRate: number;
};

/**
 * One update on a batch. Every image makes its own pass and the losses are averaged: the same gradient as a padded
 * batch gives, without the padding.
 */
export async function trainStep(
  detector: FastRCNN,
  optimizer: Optimizer,
  batch: readonly TrainImage[],
  options: TrainStepOptions,
): Promise<Losses> {
  const { images: _, regions: count, ...sampling } = options.batch ?? {};
  const { coder } = detector;
  const inputs = batch
    .map((original) => {
      const { sample, proposals } = augment(original, options.augment ?? {}, options.random);
      const targets = sampleRegions(proposals, sample.truth, {
        ...sampling,
        count,
        coder,
        random: options.random,
      });
      return { image: sample.image, targets };
    })
    .filter(({ targets }) => targets.labels.length > 0); // an empty picture may have nothing to learn from
  if (inputs.length === 0) return { total: 0, classification: 0, boxRegression: 0 };
  const parts: { classification: tf.Scalar; boxRegression: tf.Scalar }[] = [];
  const { value, grads } = tf.variableGrads(() => {
    const totals = inputs.map(({ image, targets }) => {
      const { classification, boxRegression } = detector.losses(image, targets, options.loss);
      parts.push({ classification: tf.keep(classification), boxRegression: tf.keep(boxRegression) });
      return tf.add(classification, boxRegression) as tf.Scalar;
    });
    return tf.div(tf.addN(totals), totals.length) as tf.Scalar;
  }, optimizer.variables);
  optimizer.step(grads, options.learningRate);
  const losses = {
    total: (await value.data())[0]!,
    classification: await mean(parts.map((part) => part.classification)),
    boxRegression: await mean(parts.map((part) => part.boxRegression)),
  };
  tf.dispose([value, grads, parts] as unknown as tf.TensorContainer);
  if (!Number.isFinite(losses.total)) {
    throw new Error(
      `train: the loss became ${losses.total}; lower optimizer.learningRate or set optimizer.clipNorm`,
    );
  }
  return losses;
}

async function mean(scalars: readonly tf.Scalar[]): Promise<number> {
  const values = await Promise.all(scalars.map(async (scalar) => (await scalar.data())[0]!));
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
