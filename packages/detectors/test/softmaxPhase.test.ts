import { mulberry32 } from '@roikit/geometry';
import type { RgbImage } from '@roikit/image';
import type { LearningTask, PhaseEntry } from '@roikit/training';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import type { SampledImage } from '../src/training/fineTunePhase';
import { resolveLearning } from '../src/training/defaults';
import { softmaxPhase, type MappedDetector } from '../src/training/softmaxPhase';
import { useTestEngine } from '../../engine/test/testEngine';

beforeAll(useTestEngine);

// SPP-net's classifier on parts that a formula gives: which images share a pass, and what the loss is of.

const passes: number[][] = [];
const asked: object[] = [];
/** Of each pass the pictures, as their maps and as the pixels tell. */
const order: number[][] = [];
const detector = {
  config: { type: 'spp-net', classes: ['a', 'b'] },
  scores: 'margin',
  variables: () => new Map(),
  parts: {
    // Every picture's first pixel is its number; the input is as wide as the picture, times the scale.
    transform: {
      apply: ({ data, width, height }: RgbImage, { scale = 1 } = {}) => ({
        input: tf.mul(tf.ones([1, height, width * scale, 3]), data[0]!),
        size: { width: width * scale, height },
      }),
    },
    backbone: {
      features: (input: tf.Tensor4D) => {
        passes.push(input.shape);
        return [{ map: input, field: { stride: 1, center: 0.5 } }];
      },
    },
    regionFeatures: {
      // Of each region its picture's number and its left edge.
      apply: (
        { maps, images }: { maps: { map: tf.Tensor4D }[]; images: RgbImage[] },
        boxes: Float32Array[],
      ) => {
        const numbers = tf.slice(maps[0]!.map, [0, 0, 0, 0], [-1, 1, 1, 1]).dataSync();
        order.push(
          [...numbers],
          images.map(({ data }) => data[0]!),
        );
        return tf.tensor2d(
          boxes.flatMap((some, i) =>
            Array.from({ length: some.length / 4 }, (_, r) => [numbers[i]!, some[4 * r]!]),
          ),
        );
      },
    },
    head: {
      model: { layers: [] },
      logits: (features: tf.Tensor2D, options: object) => {
        asked.push(options);
        return { clsScore: tf.concat([tf.zeros([features.shape[0], 1]), features], 1) };
      },
    },
  },
} as unknown as MappedDetector;

const image = (number: number, width: number): RgbImage => ({
  data: Uint8Array.from({ length: 3 * width * 2 }, () => number),
  width,
  height: 2,
});
const item = (picture: RgbImage, lefts: number[], labels: number[], scale?: number): SampledImage => ({
  image: picture,
  scale,
  targets: {
    boxes: Float32Array.from(lefts.flatMap((left) => [left, 0, left + 1, 1])),
    labels: Int32Array.from(labels),
    boxTargets: new Float32Array(4 * lefts.length),
  },
});

test('pictures of one size share a pass; the loss is the softmax’s of all their regions, dropout is on', () => {
  const table = { indices: [0], proposals: new Map(), truths: new Map(), fingerprint: '', objects: [1, 1] };
  const dataset = { name: '', classes: ['a', 'b'], length: 1, id: String, get: () => Promise.reject() };
  const given = { random: mulberry32(1), batch: { images: 2 } };
  const options = resolveLearning(given, { images: 1, pretrained: true, batch: 2 });
  const entry = softmaxPhase(detector, { dataset, table }, options) as PhaseEntry;
  const phase = entry.create();
  const { task } = phase as unknown as { task: LearningTask<SampledImage[], unknown> };
  // 4 wide, 6 wide, one without regions, 2 wide seen twice as large.
  const batch = [
    item(image(1, 4), [2, 0], [1, 0]),
    item(image(2, 6), [3], [2]),
    item(image(9, 4), [], []),
    item(image(3, 2), [1], [0], 2),
  ];
  const loss = tf.tidy(() => task.losses(batch)['classification']!.dataSync()[0]!);
  expect(passes).toEqual([
    [2, 2, 4, 3],
    [1, 2, 6, 3],
  ]);
  expect(order).toEqual([[1, 3], [1, 3], [2], [2]]);
  const regions: [number, number, number][] = [
    [1, 2, 1],
    [1, 0, 0],
    [3, 1, 0],
    [2, 3, 2],
  ];
  const each = regions.map(([number, left, label]) => {
    const scores = [0, number, left];
    return Math.log(scores.reduce((sum, score) => sum + Math.exp(score), 0)) - scores[label]!;
  });
  expect(loss).toBeCloseTo(each.reduce((a, b) => a + b) / 4, 5);
  expect(asked).toEqual([{ training: true }]);
  expect(task.isEmpty!([batch[2]!])).toBe(true);
  expect(task.isEmpty!(batch)).toBe(false);
  phase.dispose();
});
