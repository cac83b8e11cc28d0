import * as tf from '@tensorflow/tfjs-core';
import type { LinearBoxRegressor } from './boxRidgeRegression';
import type { LinearClassifier } from './linearSvm';

/**
 * Least margin of a detection where scores are an SVM's: −1, the margin its training asks of background, so that what
 * lies below is background beyond doubt. (.05, softmax's threshold, means nothing here; 0 is where the SVM says "object".)
 */
export const SVM_SCORE_THRESHOLD = -1;

export interface SvmHeadOptions {
  /** One for each class, 1 … K. */
  classifiers: readonly LinearClassifier[];
  /** One for each class; without them boxes stay as they are. */
  regressors?: readonly LinearBoxRegressor[];
}

/** The linear head of R-CNN and SPP-net: one SVM and one box regressor for each class. */
export interface SvmHead {
  /**
   * @param features `[R, D]`
   * @param boxFeatures `[R, D']` what the regressors were trained on. @default features
   * @returns `scores` `[R, K + 1]` margins, `boxOffsets` `[R, 4(K + 1)]`; the background's, 0, are never read
   */
  predict(features: tf.Tensor2D, boxFeatures?: tf.Tensor2D): { scores: tf.Tensor2D; boxOffsets: tf.Tensor2D };
  /** Frees its weights. */
  dispose(): void;
}

/** Two matrix products, with the classes side by side. */
export function svmHead({ classifiers, regressors }: SvmHeadOptions): SvmHead {
  if (classifiers.length === 0 || (regressors && regressors.length !== classifiers.length)) {
    throw new RangeError(
      `svmHead: classifiers and regressors must be one per class, got ${classifiers.length} and ${regressors?.length}`,
    );
  }
  const scoring = sideBySide(
    'classifiers',
    classifiers.map(({ weights, bias }) => ({ weights, bias: [bias] })),
    1,
  );
  const moving = regressors && sideBySide('regressors', regressors, 4);
  const columns = 4 * (classifiers.length + 1);
  return {
    predict: (features, boxFeatures = features) =>
      tf.tidy(() => ({
        scores: apply(features, scoring),
        boxOffsets: moving ? apply(boxFeatures, moving) : tf.zeros([features.shape[0], columns]),
      })),
    dispose: () => tf.dispose(moving ? [scoring, moving] : scoring),
  };
}

type Affine = {
  /** `[D, C]` */
  weights: tf.Tensor2D;
  /** `[C]` */
  bias: tf.Tensor1D;
};

const apply = (x: tf.Tensor2D, { weights, bias }: Affine) =>
  tf.add(tf.matMul(x, weights), bias) as tf.Tensor2D;

/** Affine maps to `width` numbers each → one to all of them, after `width` zeros for the background. */
function sideBySide(
  name: string,
  parts: readonly { weights: Float32Array; bias: ArrayLike<number> }[],
  width: number,
): Affine {
  const dimensions = parts[0]!.weights.length / width;
  const columns = width * (parts.length + 1);
  const weights = new Float32Array(dimensions * columns);
  const bias = new Float32Array(columns);
  parts.forEach((part, index) => {
    if (part.weights.length !== dimensions * width) {
      throw new RangeError(
        `svmHead: ${name} must all take ${dimensions} features, got ${part.weights.length / width} for class ${index + 1}`,
      );
    }
    const start = width * (index + 1);
    for (let i = 0; i < part.weights.length; i++) {
      weights[Math.floor(i / width) * columns + start + (i % width)] = part.weights[i]!;
    }
    bias.set(Array.from(part.bias), start);
  });
  return { weights: tf.tensor2d(weights, [dimensions, columns]), bias: tf.tensor1d(bias) };
}
