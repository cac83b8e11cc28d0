import type { Boxes } from '@roikit/geometry';
import * as tf from '@tensorflow/tfjs-core';
import { smoothL1BoxLoss, type BoxLoss } from './boxLoss';
import { gatherRows } from './gatherRows';
import { lossKernel } from './lossKernel';

export interface FastRCNNTargets {
  /** `[R]`, 0 for background. */
  labels: Int32Array;
  /** `[R, 4]`, encoded offsets; rows of background are not read. */
  boxTargets: Float32Array;
  /** `[R, 4]` the regions themselves: needed by box losses that decode, such as `giouBoxLoss`. */
  boxes?: Boxes;
}

export interface FastRCNNLossOptions {
  /** Weight of the box loss. @default 1 Fast R-CNN §2.3 (λ) */
  lambda?: number;
  /**
   * Where smooth L1 turns from square to linear.
   * @default 1 Fast R-CNN Eq. 3, for normalised targets; torchvision's Faster R-CNN has 1/9
   */
  beta?: number;
  /** Box loss, summed over the foreground. @default smoothL1BoxLoss({ beta }) */
  boxLoss?: BoxLoss;
}

/**
 * The multi-task loss of Fast R-CNN (Eq. 1): −ln p_u + λ [u ≥ 1] Σ smoothL1(tᵘ − v), both parts divided by R.
 *
 * @param clsScore logits `[R, K + 1]`
 * @param bboxPred `[R, 4(K + 1)]`
 * @throws RangeError where there is no region, or shapes or labels do not fit
 */
export function fastRCNNLoss(
  clsScore: tf.Tensor2D,
  bboxPred: tf.Tensor2D,
  targets: FastRCNNTargets,
  { lambda = 1, beta = 1, boxLoss = smoothL1BoxLoss({ beta }) }: FastRCNNLossOptions = {},
): { classification: tf.Scalar; boxRegression: tf.Scalar } {
  const count = clsScore.shape[0];
  checkTargets(targets, count);
  checkLabels('fastRCNNLoss', clsScore, targets.labels);
  if (bboxPred.shape[0] !== count || bboxPred.shape[1] !== 4 * clsScore.shape[1]) {
    throw new RangeError(
      `fastRCNNLoss: bboxPred must be [R, 4(K + 1)] = [${count}, ${4 * clsScore.shape[1]}], got [${bboxPred.shape}]`,
    );
  }
  return tf.tidy(() => {
    const classification = softmaxLoss(clsScore, targets.labels);
    const box = foregroundLoss(bboxPred, targets, boxLoss);
    return { classification, boxRegression: tf.mul(box, lambda / count) as tf.Scalar };
  });
}

/**
 * The mean of −ln p_u over regions: the loss of R-CNN's and SPP-net's fine-tuning, and the first term of Fast R-CNN's.
 *
 * @param clsScore logits `[R, K + 1]`
 * @param labels `[R]`, 0 for background
 * @throws RangeError where there is no region, or a label is not 0 … K
 */
export function softmaxLoss(clsScore: tf.Tensor2D, labels: Int32Array): tf.Scalar {
  checkLabels('softmaxLoss', clsScore, labels);
  return tf.tidy(() => {
    const rows = tf.tensor1d(labels, 'int32');
    return lossKernel('SoftmaxLoss', { logits: clsScore, labels: rows }) ?? softmaxLossByOps(clsScore, rows);
  });
}

function softmaxLossByOps(clsScore: tf.Tensor2D, labels: tf.Tensor1D): tf.Scalar {
  const [count, columns] = clsScore.shape;
  const loss = tf.customGrad((...inputs) => {
    const [logits, save] = inputs as [tf.Tensor, tf.GradSaveFunc];
    // Not oneHot's own dtype: wasm writes integers into a float32 tensor.
    const hot = tf.cast(tf.oneHot(labels, columns), 'float32'); // [R, K + 1]
    const logarithms = tf.logSoftmax(logits);
    save([hot, logarithms]);
    const gradFunc = (dy: tf.Tensor, [hot, logarithms]: tf.Tensor[]) =>
      tf.mul(tf.sub(tf.exp(logarithms!), hot!), tf.div(dy, count));
    return { value: tf.div(tf.sum(tf.mul(hot, logarithms)), -count), gradFunc };
  });
  return loss(clsScore) as tf.Scalar;
}

/** The box loss of the foreground, each region's own class's offsets. */
function foregroundLoss(bboxPred: tf.Tensor2D, targets: FastRCNNTargets, boxLoss: BoxLoss): tf.Scalar {
  const { labels, boxTargets, boxes = new Float32Array(boxTargets.length) } = targets;
  const foreground = Int32Array.from([...labels.keys()].filter((r) => labels[r]! > 0));
  if (foreground.length === 0) return tf.sum(tf.mul(bboxPred, 0)) as tf.Scalar; // tensors without elements fail on GPUs
  const columns = bboxPred.shape[1] / 4;
  const offsets = tf.reshape(bboxPred, [labels.length * columns, 4]) as tf.Tensor2D;
  const own = gatherRows(
    offsets,
    foreground.map((r) => r * columns + labels[r]!),
  );
  const rowsOf = (values: Float32Array) =>
    Float32Array.from(
      { length: 4 * foreground.length },
      (_, i) => values[4 * foreground[i >> 2]! + (i & 3)]!,
    );
  return boxLoss(own, tf.tensor2d(rowsOf(boxTargets), [foreground.length, 4]), rowsOf(boxes));
}

/** A label that is no class would count for nothing, and no region has a mean. */
function checkLabels(fn: string, { shape: [count, columns] }: tf.Tensor2D, labels: Int32Array): void {
  const wrong = labels.find((label) => label < 0 || label >= columns);
  if (count > 0 && labels.length === count && wrong === undefined) return;
  const got = wrong === undefined ? `${labels.length} for ${count} regions` : `${wrong}`;
  throw new RangeError(
    `${fn}: labels must be one from 0 to ${columns - 1} for each of 1 region or more, got ${got}`,
  );
}

function checkTargets({ labels, boxTargets }: FastRCNNTargets, count: number): void {
  if (labels.length !== count || boxTargets.length !== 4 * count) {
    throw new RangeError(
      `fastRCNNLoss: labels and boxTargets must have [R] = [${count}] and [R, 4] = ${4 * count} entries, ` +
        `got ${labels.length} and ${boxTargets.length}`,
    );
  }
}
