import { mulberry32 } from '@roikit/geometry';
import type { LearningTask, PhaseEntry } from '@roikit/training';
import { beforeAll, expect, test } from 'vitest';
import { train } from '../src';
import { resolveLearning } from '../src/training/defaults';
import { jointPhase, type JointImage } from '../src/training/jointPhase';
import { pictures, tiny } from './jointPictures';
import { useTestEngine } from '../../engine/test/testEngine';

// What approximate joint training does with the options of `train` beside its losses.

beforeAll(useTestEngine);

const dataset = {
  name: 'two',
  classes: ['red', 'blue'],
  length: 2,
  id: (index: number) => pictures[index]!.id,
  get: async (index: number) => pictures[index]!,
};

test('a step sees views of the size and side it is told', async () => {
  const detector = tiny();
  const data = {
    dataset,
    table: { indices: [0, 1], proposals: new Map(), truths: new Map(), fingerprint: '', objects: [1, 1] },
  };
  const augment = { horizontalFlip: 1, scale: [0.5, 0.5] as [number, number] };
  const given = { augment, random: mulberry32(1), batch: { images: 2 } };
  const options = resolveLearning(given, { images: 2, pretrained: false, batch: 2 });
  const phase = (jointPhase(detector, data, options) as PhaseEntry).create();
  const { task } = phase as unknown as { task: LearningTask<JointImage[], unknown> };
  const [, second] = await task.prepare([0, 1], mulberry32(1));
  expect(second!.scale).toBe(0.5);
  expect([...second!.truth.boxes]).toEqual([96 - 68, 20, 96 - 50, 42]);
  expect([...second!.image.data.subarray(0, 3)]).toEqual([
    ...pictures[1]!.image.data.subarray(3 * 95, 3 * 96),
  ]);
  phase.dispose();
  detector.dispose();
});

test('validates, at the rate it is told', async () => {
  const detector = tiny();
  const rates: number[] = [];
  const reports: unknown[] = [];
  const run = train(detector, dataset, {
    epochs: 2,
    validateEvery: 2,
    validation: dataset,
    optimizer: { learningRate: 0.002 },
    schedule: { type: 'constant', warmupSteps: 0 },
    batch: { images: 1, regions: 16, anchors: 16, proposals: 40 },
    random: mulberry32(1),
  });
  for await (const event of run) {
    if (event.type === 'step') rates.push(event.learningRate);
    if (event.type === 'epoch') reports.push(event.validation?.images);
  }
  expect(rates).toEqual(Array(4).fill(0.002));
  expect(reports).toEqual([undefined, 2]);
  detector.dispose();
});
