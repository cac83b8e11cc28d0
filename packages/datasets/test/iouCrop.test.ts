import { mulberry32 } from '@roikit/geometry';
import { describe, expect, test } from 'vitest';
import { iouCrop, randomIouCrop, type Sample, type View } from '../src';

const [width, height] = [97, 61];
const noise = mulberry32(3);

function sample(boxes: number[]): Sample {
  const data = Uint8Array.from({ length: width * height * 3 }, () => noise() * 256);
  const truth = { boxes: Float32Array.from(boxes), labels: new Int32Array(boxes.length / 4).fill(1) };
  return { id: 'noise', image: { data, width, height }, truth };
}

/** Overlap of a crop with a box, by the pixel sides. */
function iou({ left, top, width: w, height: h }: View, [x1, y1, x2, y2]: number[]): number {
  const across = Math.max(0, Math.min(left + w, x2!) - Math.max(left, x1!));
  const down = Math.max(0, Math.min(top + h, y2!) - Math.max(top, y1!));
  return (across * down) / (w * h + (x2! - x1!) * (y2! - y1!) - across * down);
}

describe('randomIouCrop', () => {
  const objects = [
    [20, 10, 50, 40],
    [70, 30, 96, 60],
  ];
  const original = sample(objects.flat());
  const random = mulberry32(8);
  const views = Array.from({ length: 600 }, () => randomIouCrop(original, { random }));
  const cut = views.filter((view) => view.width < width || view.height < height);

  test('crops are whole pixels of the picture, of half to double height in width, with the centre of an object', () => {
    for (const view of cut) {
      const { left, top, width: w, height: h } = view;
      expect([left, top, w, h].every(Number.isInteger)).toBe(true);
      expect(left >= 0 && top >= 0 && left + w <= width && top + h <= height).toBe(true);
      expect(w / h).toBeGreaterThanOrEqual(0.5);
      expect(w / h).toBeLessThanOrEqual(2);
      expect(w).toBeGreaterThanOrEqual(Math.floor(0.3 * width));
      expect(h).toBeGreaterThanOrEqual(Math.floor(0.3 * height));
      const holds = objects.some(([x1, y1, x2, y2]) => {
        const [x, y] = [(x1! + x2!) / 2, (y1! + y2!) / 2];
        return x > left && x < left + w && y > top && y < top + h;
      });
      expect(holds).toBe(true);
    }
  });

  test('one of seven demands is to leave the picture whole; the others are for overlaps from 0 to .9', () => {
    // Crops of at least .3 of each side reach no IoU of .9 with these: that demand is drawn again after 40 trials.
    expect(views.length - cut.length).toBeGreaterThan(600 / 7 - 30);
    expect(views.length - cut.length).toBeLessThan(600 / 5 + 40);
    const best = cut.map((view) => Math.max(...objects.map((object) => iou(view, object))));
    expect(best.filter((value) => value >= 0.5).length).toBeGreaterThan(60);
    expect(best.filter((value) => value < 0.3).length).toBeGreaterThan(60);
  });

  test('the range of sides is obeyed', () => {
    const options = { scaleRange: [0.8, 0.9] as const, random: mulberry32(2) };
    let cuts = 0;
    for (let i = 0; i < 100; i++) {
      const { width: w, height: h } = randomIouCrop(original, options);
      if (w === width && h === height) continue;
      cuts++;
      expect(w >= Math.floor(0.8 * width) && w < 0.9 * width).toBe(true);
      expect(h >= Math.floor(0.8 * height) && h < 0.9 * height).toBe(true);
    }
    // Such crops overlap the objects by .1 to .3: two of the seven demands are met.
    expect(cuts).toBeGreaterThan(10);
  });

  test('a picture without objects stays whole', () => {
    const whole = { scale: 1, left: 0, top: 0, width, height };
    expect(randomIouCrop(sample([]), { random })).toEqual(whole);
  });
});

test("iouCrop: the crop's own pixels, objects shifted and clipped", () => {
  const original = sample([20, 10, 50, 40]);
  for (let seed = 0; seed < 20; seed++) {
    const view = randomIouCrop(original, { random: mulberry32(seed) });
    const { image, truth } = iouCrop(original, { random: mulberry32(seed) });
    expect([image.width, image.height]).toEqual([view.width, view.height]);
    const row = (of: typeof image, y: number, x: number) =>
      Array.from(of.data.subarray(3 * (y * of.width + x), 3 * (y * of.width + x + view.width)));
    for (let y = 0; y < view.height; y++)
      expect(row(image, y, 0)).toEqual(row(original.image, y + view.top, view.left));
    expect([...truth.boxes]).toEqual([
      Math.max(20 - view.left, 0),
      Math.max(10 - view.top, 0),
      Math.min(50 - view.left, view.width),
      Math.min(40 - view.top, view.height),
    ]);
  }
});
