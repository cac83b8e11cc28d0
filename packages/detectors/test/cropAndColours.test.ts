import { mulberry32 } from '@roikit/geometry';
import { describe, expect, test } from 'vitest';
import { augment, type TrainImage } from '../src/training/augment';

// 40 × 20, red grows with x and green with y, so that a pixel tells where it was; one object, three proposals.
const [width, height] = [40, 20];
const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
  const pixel = Math.floor(i / 3);
  return [5 * (pixel % width), 10 * Math.floor(pixel / width), 77][i % 3]!;
});
const original: TrainImage = {
  sample: {
    id: 'ramp',
    image: { data, width, height },
    truth: { boxes: Float32Array.of(12, 6, 26, 16), labels: Int32Array.of(1) },
  },
  proposals: Float32Array.of(12, 6, 26, 16, 0, 0, 3, 2, 10, 4, 20, 14),
};
const never = { horizontalFlip: 0, verticalFlip: 0, iouCrop: 0, photometricDistort: 0 };

describe('augment', () => {
  test('with all chances at 0 nothing changes', () => {
    expect(augment(original, never, mulberry32(1))).toEqual(original);
  });

  test('a crop: pixels, object and proposals keep their places to each other', () => {
    const cut = Array.from({ length: 40 }, (_, seed) =>
      augment(original, { ...never, iouCrop: 1 }, mulberry32(seed)),
    ).filter(({ sample }) => sample.image.width < width || sample.image.height < height);
    expect(cut.length).toBeGreaterThan(20);
    for (const { sample, proposals } of cut) {
      const { image, truth } = sample;
      const [left, top] = [image.data[0]! / 5, image.data[1]! / 10];
      // Half of each side at least: torchvision's .3 leaves too little of small data sets' objects.
      expect(image.width).toBeGreaterThanOrEqual(width / 2);
      expect(image.height).toBeGreaterThanOrEqual(height / 2);
      const clipped = (box: number[]) =>
        box.map((value, i) =>
          Math.min(Math.max(value - (i % 2 === 0 ? left : top), 0), i % 2 === 0 ? image.width : image.height),
        );
      expect([...truth.boxes]).toEqual(clipped([12, 6, 26, 16]));
      const inside = [
        [12, 6, 26, 16],
        [0, 0, 3, 2],
        [10, 4, 20, 14],
      ].filter(([x1, y1, x2, y2]) => {
        const [x, y] = [(x1! + x2!) / 2 - left, (y1! + y2!) / 2 - top];
        return x > 0 && y > 0 && x < image.width && y < image.height;
      });
      expect([...proposals]).toEqual(inside.flatMap(clipped));
    }
  });

  test.each(['iouCrop', 'photometricDistort'])('%s of a quarter changes a quarter', (what) => {
    let changed = 0;
    for (let seed = 0; seed < 200; seed++) {
      const random = mulberry32(seed);
      random(); // a generator's first number follows its seed
      const { sample } = augment(original, { ...never, [what]: 0.25 }, random);
      if (sample !== original.sample) changed++;
    }
    expect(changed).toBeGreaterThan(25); // 50 ± 4 deviations
    expect(changed).toBeLessThan(75);
  });

  test('distorted colours leave boxes and the original alone', () => {
    const before = structuredClone(original);
    const changed = Array.from({ length: 8 }, (_, seed) =>
      augment(original, { ...never, photometricDistort: 1 }, mulberry32(seed)),
    );
    expect(new Set(changed.map(({ sample }) => sample.image.data.join())).size).toBeGreaterThan(4);
    for (const { sample, proposals } of changed) {
      expect(sample.truth).toEqual(original.sample.truth);
      expect(proposals).toEqual(original.proposals);
    }
    expect(original).toEqual(before);
  });
});
