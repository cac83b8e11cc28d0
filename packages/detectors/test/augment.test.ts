import type { Dataset } from '@roikit/datasets';
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

describe('augment', () => {
  test('left–right: pixels, objects and proposals change sides together', () => {
    const view = augment(original, { horizontalFlip: 1, verticalFlip: 0 }, () => 0.99);
    expect(redAt(view, 5, 3)).toBe(redAt(original, 0, 3));
    expect([...view.sample.truth.boxes]).toEqual([3, 0, 5, 2]); // 6 − x
    expect([...view.proposals]).toEqual([1, 1, 6, 3, 3, 0, 4, 4]);
  });

  test('top–bottom: the same along the other axis', () => {
    const view = augment(original, { horizontalFlip: 0, verticalFlip: 1 }, () => 0.99);
    expect(redAt(view, 5, 0)).toBe(redAt(original, 5, 3));
    expect([...view.sample.truth.boxes]).toEqual([1, 2, 3, 4]); // 4 − y
    expect([...view.proposals]).toEqual([0, 1, 5, 3, 2, 0, 3, 4]);
  });

  test('by default half of the pictures change sides (Fast R-CNN §2.3), and none stands on its head', () => {
    const boxesOf = (draw: number) => [...augment(original, {}, () => draw).sample.truth.boxes];
    expect(boxesOf(0.49)).toEqual([3, 0, 5, 2]);
    expect(boxesOf(0.5)).toEqual([1, 0, 3, 2]);
    expect(augment(original, undefined, () => 0.9).sample).toBe(original.sample);
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
  let draw = 0.25; // the scale's; then high for picture 1, low, which flips, for picture 0
  const source = (index: number) => {
    draw = index === 1 ? 0.9 : 0.1;
    return proposals[index]!;
  };
  const views = await fromViews(
    dataset,
    [1, 0],
    { proposals: source, options, random: () => draw },
    (view) => view,
  );
  expect(views.map(({ sample }) => sample.id)).toEqual(['1', '0']);
  expect(views.map(({ scale }) => scale)).toEqual([2.5, 2.5]);
  expect([...views[0]!.proposals]).toEqual([0, 0, 2, 2]);
  expect([...views[1]!.proposals]).toEqual([1, 1, 6, 3, 3, 0, 4, 4]);
});
