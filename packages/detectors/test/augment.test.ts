import type { Dataset } from '@roikit/datasets';
import { mulberry32 } from '@roikit/geometry';
import { describe, expect, test } from 'vitest';
import { augment, fromViews, type TrainImage } from '../src/training/augment';

/** 6 × 4 pixels; the value of each says where it lies. */
const original: TrainImage = {
  sample: {
    id: 'a',
    image: { data: Uint8Array.from({ length: 72 }, (_, i) => i), width: 6, height: 4 },
    truth: { boxes: Float32Array.of(1, 0, 3, 2), labels: Int32Array.of(2) },
  },
  proposals: Float32Array.of(0, 1, 5, 3, 2, 0, 3, 4),
};
const redAt = ({ sample: { image } }: TrainImage, x: number, y: number) =>
  image.data[3 * (y * image.width + x)];

/** Draws of a generator, one after the other. */
const drawing = (...values: number[]) => {
  const left = [...values];
  return () => left.shift()!;
};

describe('augment', () => {
  test('left–right: pixels, objects and proposals change sides together', () => {
    const view = augment(original, { horizontalFlip: 1, verticalFlip: 0 }, drawing(0.99, 0.5));
    expect(redAt(view, 5, 3)).toBe(redAt(original, 0, 3));
    expect([...view.sample.truth.boxes]).toEqual([3, 0, 5, 2]); // 6 − x
    expect([...view.proposals]).toEqual([1, 1, 6, 3, 3, 0, 4, 4]);
  });

  test('top–bottom: the same along the other axis', () => {
    const view = augment(original, { horizontalFlip: 0, verticalFlip: 1 }, drawing(0, 0.99));
    expect(redAt(view, 5, 0)).toBe(redAt(original, 5, 3));
    expect([...view.sample.truth.boxes]).toEqual([1, 2, 3, 4]); // 4 − y
    expect([...view.proposals]).toEqual([0, 1, 5, 3, 2, 0, 3, 4]);
  });

  test('by default half of the pictures change sides (Fast R-CNN §2.3), and none stands on its head', () => {
    const boxesOf = (draw: number) => [...augment(original, {}, drawing(draw, 0)).sample.truth.boxes];
    expect(boxesOf(0.49)).toEqual([3, 0, 5, 2]);
    expect(boxesOf(0.5)).toEqual([1, 0, 3, 2]);
    expect(augment(original, undefined, drawing(0.9, 0)).sample).toBe(original.sample);
  });
});

test('views of a step: each picture with its own proposals, all at one size that is drawn first', async () => {
  const dataset: Dataset = {
    name: 'two',
    classes: ['a', 'b'],
    length: 2,
    id: String,
    get: async (index) => ({ ...original.sample, id: `${index}` }),
  };
  const proposals = [original.proposals, Float32Array.of(0, 0, 2, 2)];
  const options = { scale: [2, 4] as [number, number], horizontalFlip: 0.5 };
  const step = (random: () => number) =>
    fromViews(dataset, [1, 0], { proposals: (index) => proposals[index]!, options, random }, (view) => view);
  const views = await step(drawing(0.25, 0.9, 0.9, 0.1, 0.9));
  expect(views.map(({ sample }) => sample.id)).toEqual(['1', '0']);
  expect(views.map(({ scale }) => scale)).toEqual([2.5, 2.5]);
  expect([...views[0]!.proposals]).toEqual([0, 0, 2, 2]);
  expect([...views[1]!.proposals]).toEqual([1, 1, 6, 3, 3, 0, 4, 4]);
  expect(await step(mulberry32(5))).toEqual(await step(mulberry32(5)));
});
