import { SampleError, type Dataset } from '@roikit/datasets';
import { mulberry32 } from '@roikit/geometry';
import { expect, test } from 'vitest';
import type { GeneralizedRCNN, TrainOptions } from '../src';
import { validation } from '../src/training/validation';

// What a run measures between its epochs, of a detector that finds every first object.

const truth = { boxes: Float32Array.of(0, 0, 9, 5, 10, 0, 19, 5), labels: Int32Array.of(1, 2) };
const dataset: Dataset = {
  name: 'five',
  classes: ['a', 'b'],
  length: 5,
  id: String,
  get: async (index) => {
    if (index % 3 === 1) throw new SampleError(`${index}.jpg`, { what: 'is no picture', cure: 'remove it' });
    return { id: `${index}`, image: { data: new Uint8Array(600), width: 20, height: 10 }, truth };
  },
};
const detectorOf = (scores: 'probability' | 'margin', asked: unknown[] = []) =>
  ({
    config: { type: 'rcnn', classes: ['a', 'b'] },
    scores,
    detect: async (_: unknown, { proposals }: { proposals?: Float32Array }) => {
      asked.push(proposals);
      return {
        boxes: truth.boxes.slice(0, 4),
        labels: truth.labels.slice(0, 1),
        scores: Float32Array.of(0.9),
        timings: {},
      };
    },
  }) as unknown as GeneralizedRCNN;

async function measure(options: Partial<TrainOptions>, detector = detectorOf('probability')) {
  const events = validation(detector, { random: mulberry32(1), validation: dataset, ...options })!();
  const seen: unknown[] = [];
  for (;;) {
    const next = await events.next();
    if (next.done) return { seen, result: next.value };
    seen.push(next.value);
  }
}

test('AP50 of the whole set, the samples that can’t be read left out; progress by picture', async () => {
  const asked: unknown[] = [];
  const boxes = Float32Array.of(0, 0, 9, 9);
  const { seen, result } = await measure({ proposals: () => boxes }, detectorOf('probability', asked));
  // Class a is found in all three pictures, b in none.
  expect(result!.score).toBe(0.5);
  expect(result!.report).toMatchObject({ images: 3, skipped: 2, ap50: 0.5 });
  expect(seen).toEqual([1, 3, 4].map((done) => ({ done, total: 5 })));
  expect(asked).toEqual([boxes, boxes, boxes]);
});

test('of a part of it, where the run is stopped, nothing', async () => {
  const { result } = await measure({ signal: AbortSignal.abort() });
  expect(result).toBeUndefined();
});

test('nothing without a set, nor while there are no SVMs; then nothing decides when to stop', () => {
  const random = mulberry32(1);
  expect(validation(detectorOf('probability'), { random })).toBeUndefined();
  expect(validation(detectorOf('margin'), { random, validation: dataset })).toBeUndefined();
  expect(() => validation(detectorOf('margin'), { random, validation: dataset, patience: 2 })).toThrow(
    'train: a rcnn is measured once its SVMs are trained, not after each epoch; leave patience out',
  );
});
