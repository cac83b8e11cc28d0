import type { RgbImage } from '@roikit/image';
import * as tf from '@tensorflow/tfjs-core';
import { imagenetClasses } from './imagenetClasses';
import { preprocess, type PreprocessOptions } from './preprocess';

/** Whatever maps images to logits: a network of this package or a fused one. */
export interface Classifier {
  /** `[N, height, width, 3]` → logits `[N, classes]`; with several outputs the first counts. */
  predict(images: tf.Tensor4D): tf.Tensor | tf.Tensor[];
}

export interface Classification {
  /** Index of the class among the network's outputs. */
  label: number;
  className: string;
  /** Softmax probability. */
  score: number;
}

export interface ClassifyOptions {
  /** How many classes to return. @default 5 ImageNet's usual measure */
  topK?: number;
  /** How the weights want a picture. @default preprocessings.torchvision the most published weights */
  preprocessing?: PreprocessOptions;
  /** Names of the outputs. @default imagenetClasses where there are 1000 outputs; elsewhere the index as text */
  classNames?: readonly string[];
}

function namesFor(count: number, given: readonly string[] | undefined): readonly string[] {
  if (given && given.length !== count) {
    throw new RangeError(
      `classify: classNames must name each of the ${count} outputs, got ${given.length} names`,
    );
  }
  return (
    given ??
    (count === imagenetClasses.length ? imagenetClasses : Array.from({ length: count }, (_, i) => String(i)))
  );
}

/** The likeliest classes of an image, best first. */
export async function classify(
  model: Classifier,
  image: RgbImage,
  options: ClassifyOptions = {},
): Promise<Classification[]> {
  const { topK = 5, preprocessing, classNames } = options;
  if (!(Number.isInteger(topK) && topK > 0) && topK !== Infinity)
    throw new RangeError(`classify: topK must be a whole number from 1 on, got ${String(topK)}`);
  const scores = tf.tidy(() => {
    const [logits] = [model.predict(preprocess(image, preprocessing))].flat();
    return tf.softmax(logits as tf.Tensor2D);
  });
  const values = await scores.data();
  scores.dispose();
  const names = namesFor(values.length, classNames);
  return Array.from(values, (score, label) => ({ label, className: names[label]!, score }))
    .sort((a, b) => b.score - a.score)
    .slice(0, topK);
}
