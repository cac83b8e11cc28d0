import { fastRCNNHead } from '@roikit/heads';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { combinedPart } from '../combinedPart';
import { linearPart, type LinearPart } from './linearPart';
import { modelPart } from '../modelPart';
import type { RegionHead } from '../parts';
import type { SoftmaxHeadOptions } from './softmaxHead';

export interface LinearHead extends RegionHead, Pick<LinearPart, 'setClassifiers' | 'setRegressors'> {
  model: tfl.LayersModel;
  /** Class scores before the softmax that the fully connected layers are fine-tuned with. Differentiable. */
  logits(features: tf.Tensor, options: { training: boolean }): { clsScore: tf.Tensor2D };
  /** Region features → what the SVMs and the regressors see: `[R, D]` and `[R, D']`. */
  inputs(features: tf.Tensor): LinearInputs<tf.Tensor2D>;
  dimensions: LinearInputs<number>;
}

interface LinearInputs<Value> {
  classifiers: Value;
  regressors: Value;
}

export interface LinearHeadOptions extends Omit<SoftmaxHeadOptions, 'convs'> {
  /** What the regressors see: the `pooled` region features, as in the papers, or the last `hidden` layer. */
  boxFeatures: 'pooled' | 'hidden';
}

/** Fully connected layers, then one linear SVM and one box regressor a class (R-CNN §2, SPP-net §4.1). */
export function linearHead({ boxFeatures, ...options }: LinearHeadOptions): LinearHead {
  const model = classifierOnly(fastRCNNHead(options));
  const apply = (features: tf.Tensor, training: boolean) =>
    model.apply(features, { training }) as [hidden: tf.Tensor2D, clsScore: tf.Tensor2D];
  const hidden = model.outputs[0]?.shape[1] as number;
  const pooled = options.inputShape.reduce((product, side) => product * side);
  const dimensions = { classifiers: hidden, regressors: boxFeatures === 'pooled' ? pooled : hidden };
  const linear = linearPart(options.numClasses, dimensions);
  const inputs: LinearHead['inputs'] = (features) => {
    const [classifiers] = apply(features, false);
    return {
      classifiers,
      regressors: boxFeatures === 'pooled' ? tf.reshape(features, [-1, pooled]) : classifiers,
    };
  };
  return {
    ...combinedPart({ network: modelPart(model), linear }),
    scores: 'margin',
    model,
    dimensions,
    inputs,
    logits: (features, { training }) => ({ clsScore: apply(features, training)[1] }),
    setClassifiers: linear.setClassifiers,
    setRegressors: linear.setRegressors,
    predict: (features) => {
      const { classifiers, regressors } = inputs(features);
      return linear.predict(classifiers, regressors);
    },
  };
}

/** The head without Fast R-CNN's second sibling: outputs the last hidden layer and the class scores. */
function classifierOnly(head: tfl.LayersModel): tfl.LayersModel {
  const scores = head.getLayer('cls_score');
  head.getLayer('bbox_pred').dispose();
  return tfl.model({
    inputs: head.inputs,
    outputs: [scores.input as tfl.SymbolicTensor, scores.output as tfl.SymbolicTensor],
  });
}
