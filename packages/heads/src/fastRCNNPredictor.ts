import * as tf from '@tensorflow/tfjs-layers';
import { normal } from './initializers';

export interface FastRCNNPredictorOptions {
  /** K, without the background. */
  numClasses: number;
  /** Source of the first weights; zeros without. */
  random?: () => number;
}

/**
 * The two sibling layers of a Fast R-CNN head: `cls_score` (K + 1 logits, 0 is background) and `bbox_pred` (offsets of
 * each class, background's too).
 */
export function fastRCNNPredictor(
  x: tf.SymbolicTensor,
  { numClasses, random }: FastRCNNPredictorOptions,
): [clsScore: tf.SymbolicTensor, bboxPred: tf.SymbolicTensor] {
  const sibling = (name: string, units: number, stddev: number) =>
    tf.layers.dense({ name, units, kernelInitializer: normal(stddev, random) }).apply(x) as tf.SymbolicTensor;
  // Standard deviations .01 and .001: Fast R-CNN §2.3.
  return [sibling('cls_score', numClasses + 1, 0.01), sibling('bbox_pred', 4 * (numClasses + 1), 0.001)];
}

export function checkClasses(caller: string, numClasses: number): void {
  if (!Number.isInteger(numClasses) || numClasses < 1) {
    throw new RangeError(`${caller}: numClasses must be an integer of at least 1, got ${numClasses}`);
  }
}

export function checkDropout(caller: string, rate: number): void {
  if (typeof rate !== 'number' || !(rate >= 0 && rate < 1))
    throw new RangeError(`${caller}: dropout must be in [0, 1), got ${String(rate)}`);
}
