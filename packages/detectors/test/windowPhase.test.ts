import type { Dataset } from '@roikit/datasets';
import { mulberry32 } from '@roikit/geometry';
import type { RgbImage } from '@roikit/image';
import type { LearningTask, PhaseEntry } from '@roikit/training';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import type { TrainOptions } from '../src';
import { parameterGroups } from '../src/training/descentPhase';
import { resolveLearning } from '../src/training/defaults';
import { windowPhase, type WindowDetector } from '../src/training/windowPhase';
import type { Window } from '../src/training/windowSampler';
import { useTestEngine } from '../../engine/test/testEngine';

beforeAll(useTestEngine);

// A step of R-CNN's classifier: which windows it has, and that each crop is its own window's, as it is or mirrored.

const SIZE = 4;

/** Three pictures; a crop of a picture's window numbers its pixels, from 1000 × the picture and 20 × the window's left. */
const images: RgbImage[] = [1, 2, 3].map((id) => ({ data: Uint8Array.of(id), width: 90, height: 60 }));
const crop = ({ data }: RgbImage, box: Float32Array) =>
  Float32Array.from(
    { length: 3 * SIZE * SIZE },
    (_, i) => 1000 * data[0]! + 20 * box[0]! + Math.floor(i / 3) + (i % 3) / 4,
  );
const boxesOf = (id: number) => Float32Array.of(id, 0, 20, 20, id + 5, 30, 30, 50, id + 6, 31, 33, 52);
const dataset: Dataset = {
  name: 'three',
  classes: ['a', 'b'],
  length: 3,
  id: (index) => `picture ${index}`,
  get: async (index) => ({ id: `${index}`, image: images[index]!, truth: truthOf(index) }),
};
const truthOf = (index: number) => ({
  boxes: boxesOf(index + 1).subarray(0, 4),
  labels: Int32Array.of(1 + (index % 2)),
});
const byIndex = <Value>(value: (index: number) => Value) => new Map([0, 1, 2].map((i) => [i, value(i)]));
const table = {
  indices: [0, 1, 2],
  proposals: byIndex((index) => boxesOf(index + 1)),
  truths: byIndex(truthOf),
  fingerprint: '',
  objects: [2, 1],
};
const detector = {
  config: { type: 'rcnn', classes: ['a', 'b'] },
  scores: 'margin',
  variables: () => new Map(),
  parts: { regionFeatures: { size: SIZE, crops: crop }, head: { model: { layers: [] } } },
} as unknown as WindowDetector;

type Batch = { windows: readonly Window[]; crops: Float32Array };

async function step(options: Partial<TrainOptions>, of = detector) {
  const given = resolveLearning(
    { random: mulberry32(1), ...options, batch: { images: 2, ...options.batch } },
    { images: 3, pretrained: true, batch: 2 },
  );
  const phase = (windowPhase(of, { dataset, table }, given) as PhaseEntry).create();
  const { task } = phase as unknown as { task: LearningTask<Batch, unknown> };
  const batch = await task.prepare([0], mulberry32(3));
  const names = task.namesIn!(batch);
  const empty = task.isEmpty!(batch);
  phase.dispose();
  const pixels = batch.crops.length / batch.windows.length;
  const crops = batch.windows.map((_, i) => [...batch.crops.subarray(i * pixels, (i + 1) * pixels)]);
  const straight = batch.windows.map(({ index, box }) => [...crop(images[index]!, box)]);
  return { batch, task, crops, straight, names, empty };
}

const still = { horizontalFlip: 0 };
/** Pixels (three numbers each) of a crop, in rows, put in another order. */
const reordered = (values: number[], order: (rows: number[][][]) => number[][][]) => {
  const rows = Array.from({ length: SIZE }, (_, y) =>
    Array.from({ length: SIZE }, (__, x) => values.slice(3 * (y * SIZE + x), 3 * (y * SIZE + x) + 3)),
  );
  return order(rows).flat(2);
};
const leftRight = (values: number[]) =>
  reordered(values, (rows) => rows.map((pixels) => pixels.toReversed()));
const topBottom = (values: number[]) => reordered(values, (rows) => rows.toReversed());

test('128 windows of each picture’s share by default, a quarter of them objects; as many as it is told', async () => {
  const { batch, task, names, empty } = await step({ augment: still });
  expect(batch.windows.length).toBe(256);
  expect(batch.windows.filter(({ label }) => label > 0).length).toBe(64);
  expect(names.toSorted()).toEqual(['picture 0', 'picture 1', 'picture 2']);
  expect(empty).toBe(false);
  expect(task.isEmpty!({ windows: [], crops: new Float32Array() })).toBe(true);
  const few = await step({ augment: still, batch: { images: 3, regions: 5, positiveFraction: 0.6 } });
  expect(few.batch.windows.map(({ label }) => label > 0)).toEqual(
    Array.from({ length: 15 }, (_, i) => i < 9),
  );
});

test('each crop is that of its window', async () => {
  const { crops, straight } = await step({ augment: still });
  expect(crops).toEqual(straight);
});

test.each([
  ['left–right', { horizontalFlip: 1 }, leftRight],
  ['top–bottom', { horizontalFlip: 0, verticalFlip: 1 }, topBottom],
  ['both', { horizontalFlip: 1, verticalFlip: 1 }, (values: number[]) => leftRight(topBottom(values))],
])('mirrored %s where it is told so', async (_, augment, mirrored) => {
  const { crops, straight } = await step({ augment });
  expect(crops).toEqual(straight.map(mirrored));
});

test('half of them are mirrored left–right by default, none top–bottom', async () => {
  const { crops, straight } = await step({});
  const turned = crops.filter((values, i) => {
    if (values.join() === straight[i]!.join()) return false;
    expect(values).toEqual(leftRight(straight[i]!));
    return true;
  });
  expect(turned.length).toBeGreaterThan(96); // 128 ± 4 deviations
  expect(turned.length).toBeLessThan(160);
});

test('the loss is the softmax’s of the labels, on the features of the crops, with dropout on', async () => {
  const asked: unknown[] = [];
  const logits = (features: Float32Array, options: object) => {
    asked.push(options);
    // The first of each crop's values says which picture it is of: the score of class 1.
    const pixels = features.length / 15;
    const rows = Array.from({ length: 15 }, (_, i) => [0, Math.floor(features[i * pixels]! / 1000), 1]);
    return { clsScore: tf.tensor2d(rows) };
  };
  const { parts } = detector;
  const own = {
    ...detector,
    parts: {
      ...parts,
      regionFeatures: { ...parts.regionFeatures, fromCrops: (crops: Float32Array) => crops },
      head: { ...parts.head, logits },
    },
  } as unknown as WindowDetector;
  const { batch, task } = await step({ augment: still, batch: { images: 3, regions: 5 } }, own);
  const loss = tf.tidy(() => task.losses(batch)['classification']!.dataSync()[0]);
  const expected = batch.windows.map(({ index, label }) => {
    const scores = [0, index + 1, 1];
    return Math.log(scores.reduce((sum, score) => sum + Math.exp(score), 0)) - scores[label]!;
  });
  expect(loss).toBeCloseTo(expected.reduce((a, b) => a + b) / 15, 5);
  expect(asked).toEqual([{ training: true }]);
});

test('the network’s own layers have a rate of their own; of rate 0 they are not trained', () => {
  const variables = new Map(
    ['backbone.body.conv/kernel', 'backbone.neck.lateral.0/kernel', 'head.fc6/bias'].map((name) => [
      name,
      name,
    ]),
  );
  const groupsOf = (backboneFactor?: number) => {
    const options = { optimizer: { type: 'sgd', backboneFactor } };
    return parameterGroups(
      { variables: () => variables } as never,
      options as unknown as Parameters<typeof parameterGroups>[1],
    ).map(({ variables: own, factor }) => [[...own.keys()], factor]);
  };
  const [body, ...others] = [...variables.keys()];
  expect(groupsOf(0.2)).toEqual([
    [[body], 0.2],
    [others, 1],
  ]);
  expect(groupsOf()).toEqual([
    [[body], 1],
    [others, 1],
  ]);
  expect(groupsOf(0)).toEqual([
    [[], 0],
    [others, 1],
  ]);
});

test('goes through the network a share at a time: each window once, each share by its part of the mean', async () => {
  const { batch, task } = await step({ batch: { images: 2, regions: 5 } });
  // 16 crops of 227² at a time are all of these; of a network that takes 600², two.
  expect(task.shares!(batch)).toHaveLength(1);
  const large = { ...detector, parts: { ...detector.parts, regionFeatures: { size: 600, crops: crop } } };
  const shares = (await step({ batch: { images: 2, regions: 5 } }, large as unknown as WindowDetector)).task
    .shares!(batch) as (Batch & { share: number })[];
  const counts = shares.map(({ windows }) => windows.length);
  expect(counts).toEqual([
    ...Array.from({ length: Math.floor(batch.windows.length / 2) }, () => 2),
    ...(batch.windows.length % 2 ? [1] : []),
  ]);
  expect(shares.flatMap(({ windows }) => windows)).toEqual(batch.windows);
  expect(shares.flatMap(({ crops }) => [...crops])).toEqual([...batch.crops]);
  shares.forEach(({ share, windows }) =>
    expect(share).toBeCloseTo(windows.length / batch.windows.length, 12),
  );
});
