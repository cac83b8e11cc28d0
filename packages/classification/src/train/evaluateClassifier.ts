import * as tf from '@tensorflow/tfjs-core';
import type { Classifier } from '../classify';
import { preprocess, preprocessings, type PreprocessOptions } from '../preprocess';
import type { ClassificationDataset, LabelledImage } from './dataset';

export interface ClassifierMetrics {
  /** Share of images whose class comes first, and among the first five. */
  top1: number;
  top5: number;
  /** Mean cross-entropy. */
  loss: number;
}

export interface EvaluateClassifierOptions {
  /** Images at a time. @default 32 fits any memory that the network fits */
  batch?: number;
  /** How the weights want a picture. @default preprocessings.torchvision the most published weights */
  preprocessing?: PreprocessOptions;
  signal?: AbortSignal;
}

/** How many classes the network puts before the true one; of equal logits the lower index comes first. */
function rankOf(logits: Float32Array, label: number): number {
  const own = logits[label]!;
  let rank = 0;
  for (let i = 0; i < logits.length; i++) {
    if (logits[i]! > own || (logits[i] === own && i < label)) rank++;
  }
  return rank;
}

function crossEntropy(logits: Float32Array, label: number): number {
  const largest = logits.reduce((max, logit) => Math.max(max, logit));
  return (
    Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - largest), 0)) + largest - logits[label]!
  );
}

/**
 * Top-1, top-5 and loss of a network on a dataset, each image preprocessed as for `classify`.
 *
 * @throws the reason of `signal` where it aborts.
 */
export async function evaluateClassifier(
  model: Classifier,
  dataset: ClassificationDataset,
  options: EvaluateClassifierOptions = {},
): Promise<ClassifierMetrics> {
  const progress = measure(model, dataset, options);
  for (;;) {
    const { done, value } = await progress.next();
    if (done && value === undefined) options.signal?.throwIfAborted();
    if (done) return value as ClassifierMetrics;
  }
}

/** `evaluateClassifier` batch by batch; undefined where the signal cut it short. */
export async function* measure(
  model: Classifier,
  dataset: ClassificationDataset,
  options: EvaluateClassifierOptions = {},
): AsyncGenerator<{ done: number; total: number }, ClassifierMetrics | undefined> {
  const { batch = 32, preprocessing = preprocessings.torchvision, signal } = options;
  const { length } = dataset;
  const sums: ClassifierMetrics = { top1: 0, top5: 0, loss: 0 };
  for (let start = 0; start < length; start += batch) {
    if (signal?.aborted) return undefined;
    const count = Math.min(batch, length - start);
    const samples = await Promise.all(Array.from({ length: count }, (_, i) => dataset.get(start + i)));
    await addBatch(model, samples, preprocessing, sums);
    yield { done: start + count, total: length };
  }
  return { top1: sums.top1 / length, top5: sums.top5 / length, loss: sums.loss / length };
}

async function addBatch(
  model: Classifier,
  samples: readonly LabelledImage[],
  preprocessing: PreprocessOptions,
  sums: ClassifierMetrics,
): Promise<void> {
  const output = tf.tidy(() => {
    const inputs = samples.map(({ image }) => preprocess(image, preprocessing));
    return model.predict(tf.concat(inputs)) as tf.Tensor2D;
  });
  const logits = (await output.data()) as Float32Array;
  const classes = output.shape[1];
  output.dispose();
  samples.forEach(({ label }, i) => {
    const row = logits.subarray(i * classes, (i + 1) * classes);
    const rank = rankOf(row, label);
    sums.top1 += rank < 1 ? 1 : 0;
    sums.top5 += rank < 5 ? 1 : 0;
    sums.loss += crossEntropy(row, label);
  });
}
