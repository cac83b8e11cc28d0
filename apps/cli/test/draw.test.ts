import { classColor, textColorOn } from '@roikit/draw';
import { describe, expect, test } from 'vitest';
import { drawBoxes, drawingScale } from '../src/draw/picture';
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

  test('has Cyrillic, Greek, accented letters, Hangul, Han and Kana: each a shape of its own', () => {
    const letters = ['Ж', 'Ω', 'é', 'ş', 'ữ', '한', '글', '漢', '字', 'か', 'ナ', 'ไ', '\u{1F600}'];
    const shapes = letters.map((letter) => outlineText(letter, 12).path);
    expect(new Set(shapes).size).toBe(letters.length);
    expect(shapes).not.toContain(outlineText('?', 12).path);
    for (const shape of shapes) expect(shape.length).toBeGreaterThan(20);
  });

  test('a character that no font has is a question mark, not an empty box', () => {
    expect(outlineText('\u{10FFFE}', 12)).toEqual(outlineText('?', 12));
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
