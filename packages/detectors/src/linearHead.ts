import {
  fastRCNNHead,
  svmHead,
  type LinearBoxRegressor,
  type LinearClassifier,
  type SvmHead,
} from '@roikit/heads';
import { toFloat32, type StateDict } from '@roikit/weights';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { combinedPart } from './combinedPart';
import { modelPart } from './modelPart';
import type { Part, RegionHead } from './parts';
import type { SoftmaxHeadOptions } from './softmaxHead';

export interface LinearHead extends RegionHead {
  model: tfl.LayersModel;
  /** Class scores before the softmax that the fully connected layers are fine-tuned with. Differentiable. */
  logits(features: tf.Tensor, options: { training: boolean }): { clsScore: tf.Tensor2D };
  /** Region features → what the SVMs and the regressors see: `[R, D]` and `[R, D']`. */
  inputs(features: tf.Tensor): LinearInputs<tf.Tensor2D>;
  dimensions: LinearInputs<number>;
  /** One for each class 1 … K. */
  setClassifiers(classifiers: readonly LinearClassifier[]): void;
  setRegressors(regressors: readonly LinearBoxRegressor[]): void;
}

interface LinearInputs<Value> {
  classifiers: Value;
  regressors: Value;
}

export interface LinearHeadOptions extends SoftmaxHeadOptions {
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
    setClassifiers: (classifiers) => {
      linear.set('svm.weight', rowsOf(classifiers.map(({ weights }) => weights)));
      linear.set(
        'svm.bias',
        Float32Array.from(classifiers, ({ bias }) => bias),
      );
    },
    setRegressors: (regressors) => {
      linear.set('bbox.weight', rowsOf(regressors.map(({ weights }) => weights)));
      linear.set('bbox.bias', rowsOf(regressors.map(({ bias }) => bias)));
    },
    predict: (features) => {
      const { classifiers, regressors } = inputs(features);
      return linear.machines().predict(classifiers, regressors);
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

interface LinearPart extends Part {
  set(name: string, data: Float32Array): void;
  machines(): SvmHead;
}

/** What is fitted in closed form or by coordinate descent; zeros until then: margins of 0, boxes that stay where they are. */
function linearPart(numClasses: number, { classifiers, regressors }: LinearInputs<number>): LinearPart {
  const shapes: Record<string, number[]> = {
    'svm.weight': [numClasses, classifiers],
    'svm.bias': [numClasses],
    'bbox.weight': [numClasses, regressors, 4],
    'bbox.bias': [numClasses, 4],
  };
  const values = new Map<string, Float32Array>(
    Object.entries(shapes).map(([name, shape]) => [name, new Float32Array(size(shape))]),
  );
  const rows = (name: string) => {
    const data = values.get(name) as Float32Array;
    const width = data.length / numClasses;
    return Array.from({ length: numClasses }, (_, k) => data.subarray(k * width, (k + 1) * width));
  };
  // At once, not when first asked for: a tidy around that would take its tensors away.
  const make = () =>
    svmHead({
      classifiers: rows('svm.weight').map((weights, k) => ({
        weights,
        bias: values.get('svm.bias')?.[k] as number,
      })),
      regressors: rows('bbox.weight').map((weights, k) => ({
        weights,
        bias: rows('bbox.bias')[k] as Float32Array,
      })),
    });
  let machines = make();
  const remake = () => {
    machines.dispose();
    machines = make();
  };
  return {
    stateDict: async () =>
      new Map(
        Object.entries(shapes).map(([name, shape]) => [
          name,
          { dtype: 'float32', shape, data: (values.get(name) as Float32Array).slice() },
        ]),
      ),
    load: (state) => {
      for (const [name, shape] of Object.entries(shapes)) values.set(name, entry(state, name, shape));
      remake();
    },
    variables: () => new Map(),
    dispose: () => machines.dispose(),
    set: (name, data) => {
      values.set(name, data);
      remake();
    },
    machines: () => machines,
  };
}

function entry(state: StateDict, name: string, shape: readonly number[]): Float32Array {
  const tensor = state.get(name);
  if (tensor?.shape.join() === shape.join()) return toFloat32(tensor).slice();
  throw new RangeError(
    `loadDetector: ${name} must be [${shape.join(', ')}], got ${tensor ? `[${tensor.shape.join(', ')}]` : 'nothing'}`,
  );
}

function rowsOf(parts: readonly Float32Array[]): Float32Array {
  return Float32Array.from(parts.flatMap((part) => [...part]));
}

function size(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1);
}
