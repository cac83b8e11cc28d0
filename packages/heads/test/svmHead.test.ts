import '@tensorflow/tfjs-backend-cpu';
import { BoxCoder, mulberry32 } from '@roikit/geometry';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { postprocessDetections, svmHead, SVM_SCORE_THRESHOLD } from '../src';
import { expectClose } from './golden';

const random = mulberry32(5);
const draw = (count: number) => Float32Array.from({ length: count }, () => random() - 0.5);
const [regions, dimensions, boxDimensions, classes] = [6, 7, 5, 3];
const classifiers = Array.from({ length: classes }, () => ({ weights: draw(dimensions), bias: random() }));
const regressors = Array.from({ length: classes }, () => ({
  weights: draw(boxDimensions * 4),
  bias: draw(4),
}));
const features = draw(regions * dimensions);
const boxFeatures = draw(regions * boxDimensions);

describe('svmHead', () => {
  test('margins and offsets of a loop over regions and classes', () => {
    const head = svmHead({ classifiers, regressors });
    const { scores, boxOffsets } = head.predict(
      tf.tensor2d(features, [regions, dimensions]),
      tf.tensor2d(boxFeatures, [regions, boxDimensions]),
    );
    const [expectedScores, expectedOffsets] = [new Float32Array(regions * 4), new Float32Array(regions * 16)];
    for (let r = 0; r < regions; r++) {
      for (let c = 0; c < classes; c++) {
        let score = classifiers[c]!.bias;
        for (let d = 0; d < dimensions; d++)
          score += features[r * dimensions + d]! * classifiers[c]!.weights[d]!;
        expectedScores[4 * r + c + 1] = score;
        for (let k = 0; k < 4; k++) {
          let offset = regressors[c]!.bias[k]!;
          for (let d = 0; d < boxDimensions; d++) {
            offset += boxFeatures[r * boxDimensions + d]! * regressors[c]!.weights[4 * d + k]!;
          }
          expectedOffsets[16 * r + 4 * (c + 1) + k] = offset;
        }
      }
    }
    expectClose(scores.dataSync(), expectedScores, 1e-6);
    expectClose(boxOffsets.dataSync(), expectedOffsets, 1e-6);
    head.dispose();
  });

  test('without regressors boxes stay; its predictions go through postprocessing with a threshold of margins', () => {
    const apart = Float32Array.from(
      { length: 4 * regions },
      (_, i) => 50 * (i >> 2) + [0, 5, 30, 25][i & 3]!,
    );
    const head = svmHead({ classifiers });
    const { scores, boxOffsets } = head.predict(tf.tensor2d(features, [regions, dimensions]));
    expect(boxOffsets.shape).toEqual([regions, 16]);
    const margins = scores.dataSync().map((score, i) => score - (i % 4 === 2 ? 2.5 : 0)) as Float32Array;
    margins.set([-1.05, -0.95], 5); // of the second region's first two classes
    const got = postprocessDetections(
      {
        scores: margins,
        boxOffsets: boxOffsets.dataSync() as Float32Array,
        proposals: apart,
        imageSize: { width: 400, height: 300 },
      },
      { coder: new BoxCoder(), scoreThreshold: SVM_SCORE_THRESHOLD },
    );
    const expected = margins.filter((margin, i) => i % 4 > 0 && margin > -1).length;
    expect(got.scores.length).toBe(expected);
    expect(got.scores.at(-1)).toBeLessThan(0);
    for (const corner of got.boxes) expect(Array.from(apart)).toContain(corner);
    head.dispose();
  });

  test('leaves nothing behind', () => {
    const before = tf.memory().numTensors;
    const head = svmHead({ classifiers, regressors });
    const x = tf.tensor2d(features, [regions, dimensions]);
    const held = tf.memory().numTensors;
    const result = head.predict(x, tf.slice(x, 0, [regions, boxDimensions]) as tf.Tensor2D);
    expect(tf.memory().numTensors).toBe(held + 3); // the slice, scores and offsets
    tf.dispose([result.scores, result.boxOffsets]);
    x.dispose();
    head.dispose();
    expect(tf.memory().numTensors).toBe(before + 1);
  });

  test('classes and lengths must fit', () => {
    expect(() => svmHead({ classifiers: [] })).toThrow('one per class, got 0');
    expect(() => svmHead({ classifiers, regressors: regressors.slice(1) })).toThrow('got 3 and 2');
    const short = [classifiers[0]!, { weights: draw(2), bias: 0 }];
    expect(() => svmHead({ classifiers: short })).toThrow(
      'classifiers must all take 7 features, got 2 for class 2',
    );
  });
});
