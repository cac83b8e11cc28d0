import * as tf from '@tensorflow/tfjs-core';
import { smoothL1BoxLoss, type BoxLoss } from './boxLoss';
import { concat } from './concat';
import { gatherRows } from './gatherRows';
import type { AnchorTargets } from './sampleAnchors';

export interface RpnLossOptions {
  /** Where smooth L1 turns from square to linear. @default 1/9 torchvision, py-faster-rcnn (σ = 3) */
  beta?: number;
  /** Box loss, summed over the positives. @default smoothL1BoxLoss({ beta }) */
  boxLoss?: BoxLoss;
}

/**
 * The two losses of a region proposal network over a batch, as torchvision: binary cross-entropy of the drawn anchors,
 * and the box loss of the positives, both divided by the number of all drawn anchors.
 *
 * @param objectness logits `[N, A]` of all levels
 * @param offsets `[N, A, 4]`
 * @param targets of each of the N images; at least one anchor drawn in all
 */
export function rpnLoss(
  objectness: tf.Tensor2D,
  offsets: tf.Tensor3D,
  targets: readonly AnchorTargets[],
  { beta = 1 / 9, boxLoss = smoothL1BoxLoss({ beta }) }: RpnLossOptions = {},
): { objectness: tf.Scalar; boxRegression: tf.Scalar } {
  const [images, anchors] = objectness.shape;
  const positive = flatIndices(
    targets.map((target) => target.positive),
    anchors,
  );
  const negative = flatIndices(
    targets.map((target) => target.negative),
    anchors,
  );
  const drawn = positive.length + negative.length;
  if (targets.length !== images || drawn === 0) {
    throw new RangeError(
      `rpnLoss: targets must be one per image (${images}), with an anchor drawn; got ${targets.length} with ${drawn}`,
    );
  }
  return tf.tidy(() => {
    const rows = Int32Array.from([...positive, ...negative]);
    const logits = gatherRows(tf.reshape(objectness, [images * anchors]) as tf.Tensor1D, rows);
    const isObject = tf.tensor1d(Float32Array.from(rows, (_, i) => (i < positive.length ? 1 : 0)));
    const crossEntropy = tf.sub(tf.softplus(logits), tf.mul(logits, isObject)); // −y ln σ(x) − (1 − y) ln(1 − σ(x))
    const box = positiveLoss(offsets, positive, targets, boxLoss);
    return {
      objectness: tf.div(tf.sum(crossEntropy), drawn) as tf.Scalar,
      boxRegression: tf.div(box, drawn) as tf.Scalar,
    };
  });
}

function positiveLoss(
  offsets: tf.Tensor3D,
  positive: Int32Array,
  targets: readonly AnchorTargets[],
  boxLoss: BoxLoss,
): tf.Scalar {
  if (positive.length === 0) return tf.sum(tf.mul(offsets, 0)) as tf.Scalar; // tensors without elements fail on GPUs
  const [images, anchors] = offsets.shape;
  const predicted = gatherRows(tf.reshape(offsets, [images * anchors, 4]) as tf.Tensor2D, positive);
  const boxTargets = concat(targets.map((target) => target.boxTargets));
  const references = concat(targets.map((target) => target.positiveAnchors));
  return boxLoss(predicted, tf.tensor2d(boxTargets, [positive.length, 4]), references);
}

/** Indices within each image → indices within the batch. */
function flatIndices(perImage: readonly Int32Array[], anchors: number): Int32Array {
  return Int32Array.from(
    perImage.flatMap((indices, image) => Array.from(indices, (i) => image * anchors + i)),
  );
}
