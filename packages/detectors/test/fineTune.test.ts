import { boxIou, mulberry32, type Boxes } from '@roikit/geometry';
import type { LearningTask, PhaseEntry } from '@roikit/training';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import type { FastRCNN, TrainOptions } from '../src';
import { resolveLearning } from '../src/training/defaults';
import type { SampledImage } from '../src/training/fineTunePhase';
import { multiTaskPhase } from '../src/training/multiTaskPhase';
import { useTestEngine } from '../../engine/test/testEngine';
import { tinyDetector } from './scenes';

// What a step of fine-tuning draws and what it costs, by the options of `train`.

beforeAll(useTestEngine);

// One object of class 1 and three of class 2 in a picture of 96 × 48, each with the same boxes moved by a pixel or two.
const objects = [
  [4, 4, 28, 24],
  [36, 6, 56, 36],
  [60, 8, 90, 26],
  [30, 30, 58, 46],
];
const boxes = Float32Array.from(objects.flat());
const near: number[][] = [];
const far: number[][] = [];
for (let i = 0; i < 32; i++) {
  const [dx, dy] = [(i % 4) - 1, (i >> 3) - 1];
  for (const [x1, y1, x2, y2] of objects as [number, number, number, number][])
    near.push([x1 + dx, y1 + dy, x2 + dx, y2 + dy]);
}
for (let i = 0; i < 200; i++) far.push([i % 80, (i * 7) % 30, (i % 80) + 8 + (i % 9), ((i * 7) % 30) + 12]);
const proposals = Float32Array.from([...near, ...far].flat());

const image = {
  data: Uint8Array.from({ length: 96 * 48 * 3 }, (_, i) => (i * 37) % 251),
  width: 96,
  height: 48,
};
const truth = { boxes, labels: Int32Array.of(1, 2, 2, 2) };
const dataset = {
  name: 'one',
  classes: ['red', 'blue'],
  length: 1,
  id: () => 'one',
  get: async () => ({ id: 'one', image, truth }),
};
const data = {
  dataset,
  table: {
    indices: [0],
    proposals: new Map([[0, proposals]]),
    truths: new Map(),
    fingerprint: '',
    objects: [1, 1],
  },
};

type Task = LearningTask<SampledImage[], unknown>;

/** The task of the run's one phase. */
function withTask<Result>(
  detector: FastRCNN,
  options: Partial<TrainOptions>,
  use: (task: Task) => Result,
): Result {
  const whole = resolveLearning(
    { random: mulberry32(9), ...options, batch: { images: 2, ...options.batch } },
    { images: dataset.length, pretrained: false, batch: 2 },
  );
  const phase = (multiTaskPhase(detector, data, whole) as PhaseEntry).create();
  try {
    return use((phase as unknown as { task: Task }).task);
  } finally {
    phase.dispose();
  }
}

async function draw(options: Partial<TrainOptions>): Promise<SampledImage> {
  const detector = tinyDetector();
  const still = { horizontalFlip: 0, scale: [1, 1] as [number, number] };
  const [item] = await withTask(detector, { augment: still, ...options }, (task) =>
    task.prepare([0], mulberry32(4)),
  );
  detector.dispose();
  return item!;
}

const counts = ({ targets: { labels } }: SampledImage) =>
  [0, 1, 2].map((label) => labels.filter((value) => value === label).length);
const bestOverlaps = (regions: Boxes) => {
  const count = regions.length / 4;
  const overlaps = boxIou(truth.boxes, regions);
  return Array.from({ length: count }, (_, r) =>
    Math.max(...objects.map((_object, o) => overlaps[o * count + r]!)),
  );
};

describe('the regions of a step', () => {
  test('128 by default, a quarter of them objects, as many of the rare class as of the common one', async () => {
    expect(counts(await draw({}))).toEqual([96, 16, 16]);
  });

  test('as many, of which part and from which classes it is told', async () => {
    expect(counts(await draw({ batch: { regions: 40, positiveFraction: 0.5 } }))).toEqual([20, 10, 10]);
    const [background, rare, common] = counts(await draw({ batch: { uniformClasses: false } }));
    expect([background, rare! + common!]).toEqual([96, 32]);
    expect(common).toBeGreaterThan(1.5 * rare!);
  });

  test('objects and background by the overlaps it is told', async () => {
    const batch = { foregroundIou: 0.8, backgroundIou: [0.2, 0.4] as [number, number] };
    const { targets } = await draw({ batch });
    const best = bestOverlaps(targets.boxes);
    const [lowest, least, most] = [0, 1, 2].map((kind) => {
      const some = best.filter((_, i) => targets.labels[i]! > 0 === (kind === 0));
      return kind === 2 ? Math.max(...some) : Math.min(...some);
    });
    expect(lowest).toBeGreaterThanOrEqual(0.8);
    expect(least).toBeGreaterThanOrEqual(0.2);
    expect(most).toBeLessThan(0.4);
    const loose = bestOverlaps((await draw({})).targets.boxes);
    expect(loose.some((value) => value > 0.5 && value < 0.8)).toBe(true);
    expect(loose.some((value) => value < 0.2)).toBe(true);
  });

  test('offsets are encoded as the detector decodes them', async () => {
    const detector = tinyDetector();
    const { targets } = await draw({});
    const count = targets.labels.findIndex((label) => label === 0);
    const regions = targets.boxes.subarray(0, 4 * count);
    const decoded = detector.parts.coder.decode(targets.boxTargets.subarray(0, 4 * count), regions);
    for (let r = 0; r < count; r++) {
      const own = [...decoded.subarray(4 * r, 4 * r + 4)].map(Math.round);
      expect(objects).toContainEqual(own);
    }
    detector.dispose();
  });

  test('of views of the size and side it is told', async () => {
    const item = await draw({ augment: { horizontalFlip: 1, scale: [1.5, 1.5] } });
    expect(item.scale).toBe(1.5);
    expect([...item.image.data.subarray(0, 3)]).toEqual([...image.data.subarray(3 * 95, 3 * 96)]);
    const mirrored = objects.map(([x1, y1, x2, y2]) => [96 - x2!, y1!, 96 - x1!, y2!]);
    const count = item.targets.boxes.length / 4;
    const overlaps = boxIou(Float32Array.from(mirrored.flat()), item.targets.boxes);
    item.targets.labels.forEach((label, r) => {
      const best = Math.max(...mirrored.map((_, o) => overlaps[o * count + r]!));
      expect(best >= 0.5).toBe(label > 0);
    });
  });
});

describe('the loss of a step', () => {
  const lossOf = async (options: Partial<TrainOptions>, detector = tinyDetector()) => {
    const item = await draw({ batch: { regions: 24 } });
    const result = withTask(detector, options, (task) =>
      tf.tidy(() => {
        const terms = task.losses([item]);
        return Object.fromEntries(Object.entries(terms).map(([name, value]) => [name, value.dataSync()[0]!]));
      }),
    );
    detector.dispose();
    return result as { classification: number; boxRegression: number };
  };

  test('`lambda` multiplies what boxes cost, and nothing else', async () => {
    const [one, three] = [await lossOf({}), await lossOf({ loss: { lambda: 3 } })];
    expect(one.boxRegression).toBeGreaterThan(0);
    expect(three.boxRegression).toBeCloseTo(3 * one.boxRegression, 5);
    expect(three.classification).toBeCloseTo(one.classification, 6);
  });

  test('above every distance, twice the `beta` is half of what boxes cost; 1 by default', async () => {
    const at = async (beta?: number) => (await lossOf(beta ? { loss: { beta } } : {})).boxRegression;
    expect(await at(200)).toBeCloseTo((await at(100)) / 2, 6);
    expect(await at(1)).toBe(await at());
    expect(await at(1 / 9)).toBeGreaterThan(1.05 * (await at())!);
  });

  test("`box: 'giou'` is another loss of boxes: at most 2 a region", async () => {
    const [smooth, giou] = [await lossOf({}), await lossOf({ loss: { box: 'giou' } })];
    expect(giou.classification).toBeCloseTo(smooth.classification, 6);
    expect(Math.abs(giou.boxRegression - smooth.boxRegression)).toBeGreaterThan(1e-3);
    expect(giou.boxRegression).toBeLessThan(2);
  });

  test('drops values as the head is told, others each time', async () => {
    const dropping = () => tinyDetector({ head: { hidden: [32], dropout: 0.5 } });
    const random = mulberry32(3);
    const plain = await lossOf({});
    const first = await lossOf({ random }, dropping());
    const second = await lossOf({ random }, dropping());
    expect(first.classification).not.toBe(plain.classification);
    expect(second.classification).not.toBe(first.classification);
  });
});
