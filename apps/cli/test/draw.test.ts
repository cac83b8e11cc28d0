import { describe, expect, test } from 'vitest';
import { classColor, distinctColor, parseHex, textColorOn } from '../src/draw/color';
import { drawBoxes, drawingScale } from '../src/draw/picture';
import { placeLabel } from '../src/draw/placeLabel';
import { drawSegmentation } from '../src/draw/segmentation';
import { outlineText } from '../src/draw/text';

const grey = (width: number, height: number, value = 128) => ({
  data: new Uint8Array(width * height * 3).fill(value),
  width,
  height,
});

/** Pixels of a drawing as `#rrggbb` counts. */
async function colours(drawing: Awaited<ReturnType<typeof drawBoxes>>): Promise<Map<string, number>> {
  const { data } = await drawing.removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const counts = new Map<string, number>();
  for (let i = 0; i < data.length; i += 3) {
    const key = '#' + data.subarray(i, i + 3).toString('hex');
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

describe('colours', () => {
  test('the first 40 classes differ from one another', () => {
    const all = Array.from({ length: 40 }, (_, i) => classColor(i + 1));
    expect(new Set(all).size).toBe(40);
    for (const color of all) expect(color).toMatch(/^#[0-9a-f]{6}$/);
  });

  test('text is black on light colours and white on dark ones', () => {
    expect(textColorOn('#ffd23f')).toBe('#000000');
    expect(textColorOn('#203060')).toBe('#ffffff');
  });

  test('hex goes to bytes', () => {
    expect(parseHex('#01ff80')).toEqual([1, 255, 128]);
    expect(distinctColor(3)).not.toBe(distinctColor(4));
  });
});

describe('text as outlines', () => {
  test('is wider with more characters and grows with the size', () => {
    const [short, long, large] = [
      outlineText('RBC', 12),
      outlineText('RBC 0.97', 12),
      outlineText('RBC', 24),
    ];
    expect(long.width).toBeGreaterThan(short.width);
    expect(large.width).toBeCloseTo(2 * short.width, 5);
  });

  test('every contour is closed', () => {
    const { path } = outlineText('8 0.99', 12);
    expect(path.match(/Z/g)?.length).toBe(path.match(/M/g)?.length);
    expect(path).not.toContain('NaN');
  });

  test('has Cyrillic, Greek and accented letters, each unlike the missing-glyph box', () => {
    const missing = outlineText('\u{1F600}', 12).path;
    for (const letter of ['Ж', 'Ω', 'é', 'ş', 'ữ']) expect(outlineText(letter, 12).path).not.toBe(missing);
  });
});

describe('placeLabel', () => {
  const canvas = { width: 200, height: 100 };
  const size = { width: 40, height: 10 };

  test('stands on the box where there is room', () => {
    const place = placeLabel(size, {
      box: { x: 50, y: 50, width: 60, height: 40 },
      canvas,
      taken: [],
      overhang: 1,
    });
    expect(place).toEqual({ x: 49, y: 39, ...size });
  });

  test('avoids a label that is already there', () => {
    const options = { box: { x: 50, y: 50, width: 90, height: 40 }, canvas, overhang: 1 };
    const first = placeLabel(size, { ...options, taken: [] });
    const second = placeLabel(size, { ...options, taken: [first] });
    expect(second.x >= first.x + first.width || second.y >= first.y + first.height).toBe(true);
  });

  test('never leaves the picture', () => {
    for (const box of [
      { x: -20, y: -20, width: 300, height: 300 },
      { x: 190, y: 0, width: 10, height: 5 },
      { x: 0, y: 95, width: 5, height: 5 },
    ]) {
      const { x, y } = placeLabel(size, { box, canvas, taken: [], overhang: 2 });
      expect(x >= 0 && y >= 0 && x + size.width <= 200 && y + size.height <= 100).toBe(true);
    }
  });
});

describe('drawBoxes', () => {
  test('draws box and label in the class colour, and glyphs without any font of the system', async () => {
    const box = { box: [100, 200, 700, 800], label: 3, text: 'WBC 0.98' };
    const counts = await colours(await drawBoxes(grey(960, 960), [box]));
    expect(counts.get(classColor(3))).toBeGreaterThan(1000);
    // The ink of the letters on the tab.
    expect(counts.get(textColorOn(classColor(3)))).toBeGreaterThan(50);
  });

  test('without text there is no ink', async () => {
    const counts = await colours(await drawBoxes(grey(960, 960), [{ box: [100, 200, 700, 800], label: 3 }]));
    expect(counts.get('#000000')).toBeUndefined();
  });

  test('a small picture is enlarged by a whole factor, a large one is not', async () => {
    expect(drawingScale({ width: 224, height: 224 })).toBe(4);
    expect(drawingScale({ width: 4000, height: 3000 })).toBe(1);
    const { info } = await (await drawBoxes(grey(100, 50), [])).png().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height]).toEqual([1000, 500]);
  });
});

test('drawSegmentation paints each region alike and its border white', () => {
  const labels = Int32Array.from([0, 0, 1, 1, 0, 0, 1, 1]);
  const { data } = drawSegmentation(grey(4, 2), { labels, count: 2 });
  const pixel = (i: number) => [...data.subarray(i * 3, i * 3 + 3)];
  expect(pixel(1)).toEqual([255, 255, 255]);
  expect(pixel(0)).toEqual(pixel(4));
  expect(pixel(2)).toEqual(pixel(7));
  expect(pixel(0)).not.toEqual(pixel(2));
});
