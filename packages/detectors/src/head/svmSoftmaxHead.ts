import type * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { combinedPart } from '../combinedPart';
import { linearPart, type LinearPart } from './linearPart';
import { softmaxHead, type SoftmaxHead, type SoftmaxHeadOptions } from './softmaxHead';

export interface SvmSoftmaxHead extends SoftmaxHead, Pick<LinearPart, 'setClassifiers'> {
  /** Region features → what the SVMs see, `[R, D]`: the last hidden layer. */
  inputs(features: tf.Tensor): { classifiers: tf.Tensor2D };
  dimensions: { classifiers: number };
}

/**
 * A softmax head that is trained by the multi-task loss and then scores with one linear SVM a class on its last hidden layer;
 * boxes stay its own (Fast R-CNN §5.4).
 */
export function svmSoftmaxHead(options: SoftmaxHeadOptions): SvmSoftmaxHead {
  const softmax = softmaxHead(options);
  const { model } = softmax;
  const hidden = model.getLayer('cls_score').input as tfl.SymbolicTensor;
  const layers = tfl.model({ inputs: model.inputs, outputs: [hidden, model.outputs[1]!] });
  const apply = (features: tf.Tensor) =>
    layers.apply(features, { training: false }) as [hidden: tf.Tensor2D, bboxPred: tf.Tensor2D];
  const dimensions = { classifiers: hidden.shape[1] as number };
  const linear = linearPart(options.numClasses, dimensions);
  return {
    ...combinedPart({ network: softmax, linear }),
    scores: 'margin',
    model,
    logits: softmax.logits,
    dimensions,
    inputs: (features) => ({ classifiers: apply(features)[0] }),
    setClassifiers: linear.setClassifiers,
    predict: (features) => {
      const [classifiers, boxOffsets] = apply(features);
      return { scores: linear.predict(classifiers).scores, boxOffsets };
    },
  };
}
