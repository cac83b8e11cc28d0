import { freezeBatchNorm } from '@roikit/backbones';
import { fastRCNNConvFCHead, fastRCNNHead } from '@roikit/heads';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { HeadConfig } from '../config';
import { inferencePart, type InferencePart } from '../inferencePart';
import type { RegionHead } from '../parts';

export interface SoftmaxHead extends RegionHead {
  model: LayersModel;
  /** What the loss is made of: class scores before the softmax, and box offsets. Differentiable. */
  logits(
    features: tf.Tensor,
    options: { training: boolean },
  ): { clsScore: tf.Tensor2D; bboxPred: tf.Tensor2D };
}

export interface SoftmaxHeadOptions extends HeadConfig {
  numClasses: number;
  /** Of one region's features: [height, width, channels]. */
  inputShape: [number, number, number];
  /** Initialises the head, uniform on [0, 1). */
  random?: () => number;
}

/** Fully connected layers, a softmax over K + 1 classes and class-specific box offsets (Fast R-CNN §2.1). */
export function softmaxHead(options: SoftmaxHeadOptions): SoftmaxHead {
  const { convs, ranks } = options;
  if (convs && ranks) {
    throw new RangeError(
      'createDetector: head.ranks is of a head without convolutions, got head.convs as well; leave one of the two out',
    );
  }
  const model = convs ? fastRCNNConvFCHead({ ...options, convs }) : fastRCNNHead(options);
  freezeBatchNorm(model); // the regions of a few images give no statistics
  const logits: SoftmaxHead['logits'] = (features, { training }) => {
    const [clsScore, bboxPred] = model.apply(features, { training }) as [tf.Tensor2D, tf.Tensor2D];
    return { clsScore, bboxPred };
  };
  const part = inferencePart(model);
  return {
    ...part,
    model,
    logits,
    predict: (features) => {
      // Without convolutions there is nothing to fold.
      const { clsScore, bboxPred } = convs ? inferred(part, features) : logits(features, { training: false });
      return { scores: tf.softmax(clsScore), boxOffsets: bboxPred };
    },
  };
}

function inferred(part: InferencePart, features: tf.Tensor): ReturnType<SoftmaxHead['logits']> {
  const [clsScore, bboxPred] = part.infer(features as tf.Tensor4D) as [tf.Tensor2D, tf.Tensor2D];
  return { clsScore, bboxPred };
}
