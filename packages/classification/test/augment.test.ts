import { describe, expect, test } from 'vitest';
import { mulberry32 } from '@roikit/geometry';
import { augment } from '../src/train/augment';

describe('augment', () => {
  test('random crops are windows of the picture; flips mirror it', () => {
    // Each pixel holds its own place, so a crop without resizing shows where it came from.
    const side = 16;
    const data = Uint8Array.from(
      { length: side * side * 3 },
      (_, i) => [Math.floor(i / 3) % side, Math.floor(i / 3 / side), 7][i % 3]!,
    );
    const image = { data, width: side, height: side };
    const whole = { scale: [1, 1] as [number, number], ratio: [1, 1] as [number, number] };
    expect(augment(image, side, { ...whole, flip: 0 }, mulberry32(1)).data).toEqual(data);
    const mirrored = augment(image, side, { ...whole, flip: 1 }, mulberry32(1)).data;
    expect([mirrored[0], mirrored[1], mirrored[(side - 1) * 3]]).toEqual([15, 0, 0]);
    expect(data[0]).toBe(0);
  });

  test('random crops have torchvision’s areas and shapes, of a picture that is not square too', () => {
    const [width, height] = [250, 120];
    const data = Uint8Array.from(
      { length: width * height * 3 },
      (_, i) => [Math.floor(i / 3) % width, Math.floor(i / 3 / width), 7][i % 3]!,
    );
    const random = mulberry32(2);
    const crops = Array.from({ length: 200 }, () => {
      const crop = augment({ data, width, height }, 300, { flip: 0 }, random).data;
      // Columns and rows tell where the crop starts and ends.
      const [w, h] = [crop[299 * 3]! - crop[0]! + 1, crop[299 * 300 * 3 + 1]! - crop[1]! + 1];
      return { shape: w / h, share: (w * h) / (width * height) };
    });
    const shapes = crops.map(({ shape }) => shape);
    const shares = crops.map(({ share }) => share);
    expect(Math.min(...shapes)).toBeGreaterThan(0.72);
    expect(Math.min(...shapes)).toBeLessThan(0.8);
    expect(Math.max(...shapes)).toBeLessThan(1.37);
    expect(Math.max(...shapes)).toBeGreaterThan(1.25);
    expect(Math.min(...shares)).toBeGreaterThan(0.07);
    expect(Math.min(...shares)).toBeLessThan(0.12);
    expect(Math.max(...shares)).toBeGreaterThan(0.45); // 4:3 at full height is 0.64
    const narrow = augment(
      { data, width, height },
      300,
      { scale: [0.2, 0.2], ratio: [2, 2], flip: 0 },
      random,
    ).data;
    const [w, h] = [narrow[299 * 3]! - narrow[0]! + 1, narrow[299 * 300 * 3 + 1]! - narrow[1]! + 1];
    expect(w).toBeCloseTo(Math.sqrt(0.2 * 250 * 120 * 2), -0.7);
    expect(h).toBeCloseTo(Math.sqrt((0.2 * 250 * 120) / 2), -0.7);
  });
});
