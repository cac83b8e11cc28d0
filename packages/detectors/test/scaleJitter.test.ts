import { mulberry32 } from '@roikit/geometry';
import { sampleRegions } from '@roikit/heads';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { train, type FastRCNN } from '../src';
import { drawScale } from '../src/training/augment';
import { multiTaskLosses } from '../src/training/multiTaskPhase';
import { resizeTransform } from '../src/transform/resizeTransform';
import { useTestEngine } from '../../engine/test/testEngine';
import { gridProposals, squares, tinyDetector } from './scenes';

beforeAll(useTestEngine);

const mean: [number, number, number] = [0.5, 0.5, 0.5];
const image = { data: new Uint8Array(60 * 40 * 3).fill(90), width: 60, height: 40 };

test.each([
  [1, { width: 48, height: 32 }],
  [0.5, { width: 24, height: 16 }],
  [1.25, { width: 60, height: 40 }],
])('the transform makes pictures %d times as large', (scale, size) => {
  const transformed = resizeTransform({ minSize: 32, maxSize: 50, mean, std: mean }).apply(image, { scale });
  expect(transformed.size).toEqual(size);
  expect(transformed.input.shape).toEqual([1, size.height, size.width, 3]);
  transformed.input.dispose();
});

test('scales are drawn from one end of the range to the other, by default .7 to 1.3', () => {
  expect([0, 0.5, 1].map((value) => drawScale({ scale: [1, 3] }, () => value))).toEqual([1, 2, 3]);
  expect([0, 1].map((value) => drawScale(undefined, () => value))).toEqual([0.7, 1.3]);
});

test('losses at a scale are those of a detector that makes pictures as large', async () => {
  const { image, truth } = await squares({ count: 1 }).get(0);
  const lossAt = (minSize: number, scale?: number) => {
    const detector = tinyDetector({ transform: { minSize, maxSize: minSize } }) as FastRCNN;
    const { coder } = detector.parts;
    const targets = sampleRegions(gridProposals(image), truth, { coder, count: 16, random: mulberry32(4) });
    const loss = tf.tidy(
      () => multiTaskLosses(detector, [{ image, targets, scale }]).classification.dataSync()[0],
    );
    detector.dispose();
    return loss as number;
  };
  expect(lossAt(64, 0.75)).toBeCloseTo(lossAt(48), 6);
  expect(lossAt(64, 0.75)).not.toBeCloseTo(lossAt(64), 4);
});

test('a run at another range goes through other losses, and at one size through the same whatever is drawn', async () => {
  const firstLoss = async (scale?: [number, number]) => {
    const run = train(tinyDetector(), squares({ count: 2 }), {
      epochs: 1,
      batch: { regions: 16 },
      augment: { horizontalFlip: 0, ...(scale && { scale }) },
      proposals: gridProposals,
      random: mulberry32(2),
    });
    for await (const event of run) if (event.type === 'step') return event.losses.total;
    return undefined;
  };
  const plain = await firstLoss([1, 1]);
  expect(await firstLoss()).not.toBeCloseTo(plain as number, 4);
  expect(await firstLoss([0.5, 0.5])).not.toBeCloseTo(plain as number, 4);
});
