import { mulberry32 } from '@roikit/geometry';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, test } from 'vitest';
import { linearHead } from '../src/head/linearHead';
import { freezeThrough } from '../src/modelPart';
import { useTestEngine } from '../../engine/test/testEngine';

beforeAll(useTestEngine);

describe('regressors', () => {
  const head = (boxFeatures: 'pooled' | 'hidden') =>
    linearHead({
      boxFeatures,
      numClasses: 2,
      inputShape: [2, 3, 4],
      hidden: [5],
      dropout: 0,
      random: mulberry32(1),
    });

  test.each([
    ['pooled', 24],
    ['hidden', 5],
  ] as const)('see the %s features: %i numbers', async (boxFeatures, dimensions) => {
    const own = head(boxFeatures);
    expect(own.dimensions).toEqual({ classifiers: 5, regressors: dimensions });
    // Offset k of class c is (c + 1) · (k + 1) times the first feature.
    own.setRegressors(
      [0, 1].map((c) => ({
        weights: Float32Array.from({ length: 4 * dimensions }, (_, i) => (i < 4 ? (c + 1) * (i + 1) : 0)),
        bias: new Float32Array(4),
      })),
    );
    const values = Array.from({ length: 2 * 24 }, (_, i) => ((i * 7) % 11) - 5);
    const features = tf.tensor4d(values, [2, 2, 3, 4]);
    const [offsets, seen] = tf.tidy(() => {
      const { classifiers } = own.inputs(features);
      return [own.predict(features).boxOffsets.arraySync(), classifiers.arraySync()];
    });
    offsets.forEach((row, r) => {
      const first = boxFeatures === 'pooled' ? values[24 * r]! : seen[r]![0]!;
      const expected = [0, 1, 2].flatMap((c) => [1, 2, 3, 4].map((k) => c * k * first));
      row.forEach((offset, i) => expect(offset).toBeCloseTo(expected[i]!, 4));
    });
    features.dispose();
    own.dispose();
  });
});

test('layers up to and including a module are frozen, and no others', () => {
  const names = ['stem', 'block.1.conv', 'block.1.relu', 'block.10', 'top'];
  const model = tfl.sequential();
  names.forEach((name, i) =>
    model.add(tfl.layers.dense({ units: 2, name, ...(i === 0 && { inputShape: [2] }) })),
  );
  const frozen = (through: string) => {
    for (const layer of model.layers) layer.trainable = true;
    freezeThrough(model, through);
    return model.layers.filter(({ trainable }) => !trainable).map(({ name }) => name);
  };
  expect(frozen('stem')).toEqual(names.slice(0, 1));
  expect(frozen('block.1')).toEqual(names.slice(0, 3));
  expect(frozen('block')).toEqual(names.slice(0, 4));
  expect(frozen('top')).toEqual(names);
  expect(() => freezeThrough(model, 'bloc')).toThrow(
    'createDetector: backbone.frozenThrough must be one of its layers (stem, block.1.conv, ',
  );
  model.dispose();
});
