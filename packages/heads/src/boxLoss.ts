import type { BoxCoder, Boxes } from '@roikit/geometry';
import * as tf from '@tensorflow/tfjs-core';
import { smoothL1Loss, type SmoothL1Options } from './smoothL1Loss';

/**
 * What predicted offsets cost, summed over all boxes: `predicted` and `target` are encoded offsets `[P, 4]` from the
 * `references` `[P, 4]` (anchors or proposals).
 */
export type BoxLoss = (predicted: tf.Tensor2D, target: tf.Tensor2D, references: Boxes) => tf.Scalar;

/** Smooth L1 on the offsets, as Fast and Faster R-CNN. */
export function smoothL1BoxLoss(options: SmoothL1Options = {}): BoxLoss {
  return (predicted, target) => smoothL1Loss(predicted, target, options);
}

/** 1 − GIoU of the decoded boxes (Rezatofighi et al. 2019), as detectron2's `giou`. `coder`: the targets'. */
export function giouBoxLoss({ coder }: { coder: BoxCoder }): BoxLoss {
  return (predicted, target, references) =>
    tf.tidy(() =>
      giouLoss(decodeOffsets(predicted, references, coder), decodeOffsets(target, references, coder)),
    );
}

/** Differentiable twin of `BoxCoder.decode`: offsets `[P, 4]` → boxes `[P, 4]`. */
function decodeOffsets(offsets: tf.Tensor2D, references: Boxes, coder: BoxCoder): tf.Tensor2D {
  const count = references.length / 4;
  const [x1, y1, x2, y2] = tf.split(tf.tensor2d(references, [count, 4]), 4, 1);
  const sizes = tf.concat([tf.sub(x2!, x1!), tf.sub(y2!, y1!)], 1); // [P, 2]
  const centers = tf.add(tf.concat([x1!, y1!], 1), tf.mul(sizes, 0.5));
  const [shift, ratio] = tf.split(tf.div(offsets, tf.tensor1d([...coder.weights])), 2, 1);
  const center = tf.add(centers, tf.mul(shift!, sizes));
  const half = tf.mul(tf.mul(sizes, 0.5), tf.exp(tf.minimum(ratio!, coder.bboxXformClip)));
  return tf.concat([tf.sub(center, half), tf.add(center, half)], 1) as tf.Tensor2D;
}

/** Keeps divisions by an empty union or hull finite; torchvision's. */
const EPSILON = 1e-7;

/**
 * Σ 1 − GIoU of boxes `[P, 4]` with their targets, in torchvision's form (`generalized_box_iou_loss`, reduction sum).
 */
export function giouLoss(boxes: tf.Tensor2D, targets: tf.Tensor2D): tf.Scalar {
  return tf.tidy(() => {
    const [low, high] = tf.split(boxes, 2, 1) as [tf.Tensor2D, tf.Tensor2D];
    const [targetLow, targetHigh] = tf.split(targets, 2, 1) as [tf.Tensor2D, tf.Tensor2D];
    const inter = areaOf(tf.relu(tf.sub(tf.minimum(high, targetHigh), tf.maximum(low, targetLow))));
    const union = tf.sub(tf.add(areaOf(tf.sub(high, low)), areaOf(tf.sub(targetHigh, targetLow))), inter);
    const hull = areaOf(tf.sub(tf.maximum(high, targetHigh), tf.minimum(low, targetLow)));
    const iou = tf.div(inter, tf.add(union, EPSILON));
    const giou = tf.sub(iou, tf.div(tf.sub(hull, union), tf.add(hull, EPSILON)));
    return tf.sum(tf.sub(1, giou)) as tf.Scalar;
  });
}

/** Sides `[P, 2]` → areas `[P, 1]`. */
function areaOf(sides: tf.Tensor): tf.Tensor {
  const [width, height] = tf.split(sides, 2, 1);
  return tf.mul(width!, height!);
}
