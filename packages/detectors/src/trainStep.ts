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

/** One update on a batch; the losses are means over all of its regions. */
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
  let parts: ReturnType<FastRCNN['losses']> | undefined;
  const { value, grads } = tf.variableGrads(() => {
    const { classification, boxRegression } = detector.losses(inputs, options.loss);
    parts = { classification: tf.keep(classification), boxRegression: tf.keep(boxRegression) };
    return tf.add(classification, boxRegression) as tf.Scalar;
  }, optimizer.variables);
  optimizer.step(grads, options.learningRate);
  const { classification, boxRegression } = parts!;
  const losses = {
    total: (await value.data())[0]!,
    classification: (await classification.data())[0]!,
    boxRegression: (await boxRegression.data())[0]!,
  };
  tf.dispose([value, grads, classification, boxRegression] as unknown as tf.TensorContainer);
  if (!Number.isFinite(losses.total)) {
    throw new Error(
      `train: the loss became ${losses.total}; lower optimizer.learningRate or set optimizer.clipNorm`,
    );
  }
  return losses;
}
