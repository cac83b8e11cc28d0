import * as tf from '@tensorflow/tfjs-core';

export interface SmoothL1Options {
  /** Where it turns from square to linear, 1/σ². @default 1 Fast R-CNN Eq. 3; Faster R-CNN has 1/9 */
  beta?: number;
}

/**
 * Smooth L1, summed over all elements (Fast R-CNN Eq. 3, in torchvision's form):
 * 0.5 d²/beta where |d| < beta, else |d| − 0.5 beta.
 */
export function smoothL1Loss(
  predicted: tf.Tensor,
  target: tf.Tensor,
  { beta = 1 }: SmoothL1Options = {},
): tf.Scalar {
  return tf.tidy(() => {
    const distance = tf.abs(tf.sub(predicted, target));
    const inner = tf.minimum(distance, beta); // d where |d| < beta, else beta
    // 0.5 inner²/beta + (distance − inner): one expression for both branches.
    const loss = tf.add(tf.mul(tf.square(inner), 0.5 / beta), tf.sub(distance, inner));
    return tf.sum(loss) as tf.Scalar;
  });
}

export interface FastRCNNTargets {
  /** `[R]`, 0 for background. */
  labels: Int32Array;
  /** `[R, 4]`, encoded offsets; rows of background are not read. */
  boxTargets: Float32Array;
}

export interface FastRCNNLossOptions {
  /** Weight of the box loss. @default 1 Fast R-CNN §2.3 (λ) */
  lambda?: number;
  /** Where smooth L1 turns from square to linear. @default 1 Fast R-CNN Eq. 3, for normalised targets */
  beta?: number;
}

/**
 * The multi-task loss of Fast R-CNN (Eq. 1): −ln p_u + λ [u ≥ 1] Σ smoothL1(tᵘ − v), both parts divided by R.
 *
 * @param clsScore logits `[R, K + 1]`
 * @param bboxPred `[R, 4(K + 1)]`
 */
export function fastRCNNLoss(
  clsScore: tf.Tensor2D,
  bboxPred: tf.Tensor2D,
  { labels, boxTargets }: FastRCNNTargets,
  { lambda = 1, beta = 1 }: FastRCNNLossOptions = {},
): { classification: tf.Scalar; boxRegression: tf.Scalar } {
  const [count, columns] = clsScore.shape;
  if (labels.length !== count || boxTargets.length !== 4 * count) {
    throw new RangeError(
      `fastRCNNLoss: labels and boxTargets must have [R] = [${count}] and [R, 4] = ${4 * count} entries, ` +
        `got ${labels.length} and ${boxTargets.length}`,
    );
  }
  return tf.tidy(() => {
    const hot = tf.oneHot(tf.tensor1d(labels, 'int32'), columns, 1, 0, 'float32') as tf.Tensor2D; // [R, K + 1]
    const classification = tf.neg(tf.div(tf.sum(tf.mul(hot, tf.logSoftmax(clsScore))), count)) as tf.Scalar;

    const offsets = tf.reshape(bboxPred, [count, columns, 4]);
    const own = tf.sum(tf.mul(offsets, tf.expandDims(hot, 2)), 1); // [R, 4], those of each region's own class
    const isObject = tf.tensor2d(
      Float32Array.from(labels, (label) => (label > 0 ? 1 : 0)),
      [count, 1],
    );
    const targets = tf.mul(tf.tensor2d(boxTargets, [count, 4]), isObject);
    const box = smoothL1Loss(tf.mul(own, isObject), targets, { beta });
    return { classification, boxRegression: tf.mul(box, lambda / count) as tf.Scalar };
  });
}
