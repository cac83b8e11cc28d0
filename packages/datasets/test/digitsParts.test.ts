import { mulberry32 } from '@roikit/geometry';
import { describe, expect, test } from 'vitest';
import { addGrain, paintBackground, randomTone } from '../src/digits/background';
import { createCanvas, paint, toRgbImage, type Canvas } from '../src/digits/canvas';
import { paintDistractors, paintFaintShapes, paintScratches } from '../src/digits/clutter';
import { oklch } from '../src/digits/colour';
import { glyphSide, layGlyph } from '../src/digits/glyph';
import { antialias, disc, outline, polyline, rectangle, type Shape } from '../src/digits/shapes';
import { randomTexture } from '../src/digits/texture';

const degrees = Math.PI / 180;

// CSS Color 4's sample code gives these for the named colours.
test.each([
  ['white', [1, 0, 0], [1, 1, 1]],
  ['gray', [0.59987, 0, 0], [128 / 255, 128 / 255, 128 / 255]],
  ['red', [0.62796, 0.25768, 29.234], [1, 0, 0]],
  ['lime', [0.86644, 0.29483, 142.495], [0, 1, 0]],
  ['blue', [0.45201, 0.31321, 264.052], [0, 0, 1]],
  ['rebeccapurple', [0.44027, 0.1603, 303.373], [0.4, 0.2, 0.6]],
] as const)('oklch: %s', (_, [lightness, chroma, hue], rgb) => {
  oklch(lightness, chroma, hue * degrees).forEach((value, c) => expect(value).toBeCloseTo(rgb[c]!, 3));
});

describe('paint', () => {
  test('mixes the colour in, inside the region and the canvas alone', () => {
    const canvas = { ...createCanvas(7, 5), data: new Float32Array(105).fill(0.5) };
    const coverage = (x: number, y: number) => (x + 10 * y) / 100; // of the pixel's centre
    const colour = [1, 0.25, 0] as const;
    paint(canvas, { region: { x1: -3, y1: 1.2, x2: 4.5, y2: 9 }, colour, coverage });
    for (let i = 0; i < 105; i++) {
      const [x, y, c] = [Math.floor(i / 3) % 7, Math.floor(i / 21), i % 3];
      const alpha = x < 5 && y >= 1 ? (x + 0.5 + 10 * (y + 0.5)) / 100 : 0;
      expect(canvas.data[i], `${x} ${y} ${c}`).toBeCloseTo(0.5 + alpha * (colour[c]! - 0.5), 6);
    }
  });

  test('bytes are rounded and clamped', () => {
    const { data } = toRgbImage({ data: Float32Array.of(-1, 0.5, 2, 0.1, 0, 1), width: 2, height: 1 });
    expect([...data]).toEqual([0, 128, 255, 26, 0, 255]);
  });
});

describe('shapes', () => {
  /** The signed distance by its definition: to the nearest of many points of the rim, negative where `inside`. */
  function naive(rim: [number, number][], inside: (x: number, y: number) => boolean): Shape['distance'] {
    return (x, y) => Math.min(...rim.map(([u, v]) => Math.hypot(x - u, y - v))) * (inside(x, y) ? -1 : 1);
  }
  const along = (n: number, point: (t: number) => [number, number]) =>
    Array.from({ length: n }, (_, i) => point(i / (n - 1)));
  const [w, h, angle] = [9, 4, 0.4];
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const turned = (u: number, v: number): [number, number] => [30 + u * cos - v * sin, 20 + u * sin + v * cos];
  const sides = [-1, 1].flatMap((sign) => [
    ...along(400, (t) => turned(w * (2 * t - 1), sign * h)),
    ...along(400, (t) => turned(sign * w, h * (2 * t - 1))),
  ]);
  const bent = [10, 12, 40, 20, 22, 35];
  const middle = [
    ...along(500, (t) => [10 + 30 * t, 12 + 8 * t]),
    ...along(500, (t) => [40 - 18 * t, 20 + 15 * t]),
  ];
  const toMiddle = naive(middle, () => false);
  const shapes: [string, Shape, Shape['distance']][] = [
    ['disc', disc(31, 17, 8), (x, y) => Math.hypot(x - 31, y - 17) - 8],
    [
      'rectangle',
      rectangle(30, 20, { w, h, angle }),
      naive(sides, (x, y) => {
        const [dx, dy] = [x - 30, y - 20];
        return Math.abs(dx * cos + dy * sin) < w && Math.abs(dy * cos - dx * sin) < h;
      }),
    ],
    ['polyline', polyline(bent, 3), (x, y) => toMiddle(x, y) - 3],
    ['outline', outline(disc(31, 17, 8), 2), (x, y) => Math.abs(Math.hypot(x - 31, y - 17) - 7) - 1],
  ];

  test.each(shapes)('%s: signed distance, and nothing to paint beyond the region', (_, shape, distance) => {
    const { x1, y1, x2, y2 } = shape.region;
    let [farthest, painted] = [0, 0];
    for (let y = -4.5; y < 50; y += 1.5) {
      for (let x = -4.5; x < 60; x += 1.5) {
        const value = shape.distance(x, y);
        farthest = Math.max(farthest, Math.abs(value - distance(x, y)));
        if (x < x1 || y < y1 || x > x2 || y > y2) painted += antialias(value);
      }
    }
    expect(farthest).toBeLessThan(0.06);
    expect(painted).toBe(0);
  });

  test('the edge is a ramp of one pixel', () => {
    expect([-3, -0.5, -0.25, 0, 0.25, 0.5, 3].map(antialias)).toEqual([1, 1, 0.75, 0.5, 0.25, 0, 0]);
  });
});

describe('layGlyph', () => {
  const random = mulberry32(5);
  // A blob off the middle, with soft edges: rows 6 to 19, columns 9 to 17.
  const pixels = Float64Array.from({ length: glyphSide ** 2 }, (_, i) => {
    const [x, y] = [i % glyphSide, Math.floor(i / glyphSide)];
    const inside = x >= 9 && x < 18 && y >= 6 && y < 20;
    return inside ? 0.45 + 0.55 * random() : 0;
  });

  /** Keys 1981, equation 15, a = −1/2. */
  function keys(s: number): number {
    const [a, t] = [-0.5, Math.abs(s)];
    if (t <= 1) return (a + 2) * t ** 3 - (a + 3) * t ** 2 + 1;
    return t < 2 ? a * t ** 3 - 5 * a * t ** 2 + 8 * a * t - 4 * a : 0;
  }
  const sampled = (x: number, y: number) =>
    pixels.reduce(
      (sum, value, i) =>
        sum + value * keys(x - ((i % glyphSide) + 0.5)) * keys(y - (Math.floor(i / glyphSide) + 0.5)),
      0,
    );

  test.each([
    { cx: 33.3, cy: 27.8, side: 28, angle: 0, shear: 0 },
    { cx: 40, cy: 31, side: 35, angle: 0.3, shear: -0.12 },
    { cx: 21.6, cy: 30.2, side: 20, angle: -0.35, shear: 0.15 },
  ])('%j as interpolated by definition', ({ cx, cy, side, angle, shear }) => {
    const { region, coverage } = layGlyph(pixels, { cx, cy, side, angle, shear });
    const scale = side / 14; // the ink's longer side
    const width = region.x2 - region.x1;
    const errors = coverage.map((value, i) => {
      // From the scene back to the glyph: turned back, made smaller, then shifted along x by its height.
      const [dx, dy] = [region.x1 + (i % width) + 0.5 - cx, region.y1 + Math.floor(i / width) + 0.5 - cy];
      const v = (dy * Math.cos(angle) - dx * Math.sin(angle)) / scale;
      const u = (dx * Math.cos(angle) + dy * Math.sin(angle)) / scale + shear * v;
      const expected = (sampled(13.5 + u, 13 + v) - 0.4) * scale + 0.5;
      return Math.abs(value - Math.min(Math.max(expected, 0), 1));
    });
    expect(Math.max(...errors)).toBeLessThan(1e-4);
    expect(coverage.some((value) => value === 1)).toBe(true);
  });
});

describe('backgrounds', () => {
  test('are light as paper, two of three, or dark as slate', () => {
    const random = mulberry32(1);
    const tones = Array.from({ length: 2000 }, () => randomTone(random));
    const light = tones.filter(({ lightness }) => lightness >= 0.68 && lightness <= 0.92).length;
    const dark = tones.filter(({ lightness }) => lightness >= 0.18 && lightness <= 0.36).length;
    expect(light + dark).toBe(2000);
    expect(Math.abs(light / 2000 - 0.65)).toBeLessThan(0.04);
    const hues = tones.map(({ hue }) => hue);
    expect([Math.min(...hues) < 0.1, Math.max(...hues) > 6.1, Math.max(...hues) < 6.3]).toEqual(
      Array(3).fill(true),
    );
  });

  test('textures stay in about [0, 1], and vary', () => {
    for (let seed = 0; seed < 60; seed++) {
      const texture = randomTexture(mulberry32(seed));
      const values = Array.from({ length: 64 * 48 }, (_, i) => texture(i % 64, Math.floor(i / 64)));
      const [least, most] = [Math.min(...values), Math.max(...values)];
      expect([least > -0.05, most < 1.05, most - least > 0.1], `seed ${seed}`).toEqual([true, true, true]);
    }
  });

  test('lie about their tone, lit by a tenth more or less', () => {
    for (let seed = 0; seed < 40; seed++) {
      const random = mulberry32(seed);
      const canvas = createCanvas(32, 20);
      const tone = randomTone(random);
      paintBackground(canvas, { tone, random });
      const grey = oklch(tone.lightness, 0, 0)[0];
      // .08 of lightness and 20 % of light at the corners, .08 of chroma.
      expect(
        canvas.data.every((value) => Math.abs(value - grey) < 0.5),
        `seed ${seed}`,
      ).toBe(true);
    }
  });

  test('grain is even between −strength and strength, the same in the three channels', () => {
    const canvas = { ...createCanvas(50, 40), data: new Float32Array(6000).fill(0.5) };
    addGrain(canvas, { strength: 0.04, random: mulberry32(2) });
    const noise = Array.from({ length: 2000 }, (_, i) => canvas.data[3 * i]! - 0.5);
    expect(Math.max(...noise.map(Math.abs))).toBeLessThanOrEqual(0.04);
    // Triangular: variance s²/6, so that the mean of 2000 has a standard error of .0004.
    expect(Math.abs(noise.reduce((sum, v) => sum + v) / 2000)).toBeLessThan(0.0015);
    expect(noise.reduce((sum, v) => sum + v * v) / 2000 / 0.04 ** 2).toBeCloseTo(1 / 6, 1);
    const [red, green, blue] = [0, 1, 2].map((c) => canvas.data.filter((_, i) => i % 3 === c));
    expect([green, blue]).toEqual([red, red]);
  });
});

describe('clutter', () => {
  const [width, height] = [96, 64];
  const tone = { lightness: 0.8, hue: 1 };
  const painted = (work: (canvas: Canvas) => void): boolean[] => {
    const canvas = { ...createCanvas(width, height), data: new Float32Array(width * height * 3).fill(0.5) };
    work(canvas);
    expect(canvas.data.every((value) => value >= 0 && value <= 1)).toBe(true);
    return Array.from({ length: width * height }, (_, i) =>
      canvas.data.subarray(3 * i, 3 * i + 3).some((value) => value !== 0.5),
    );
  };
  const seeds = Array.from({ length: 40 }, (_, seed) => seed);

  test.each([
    ['left', { x1: 0, y1: 0, x2: 24, y2: height }],
    ['right', { x1: 72, y1: 0, x2: width, y2: height }],
    ['top', { x1: 0, y1: 0, x2: width, y2: 16 }],
    ['bottom', { x1: 0, y1: 48, x2: width, y2: height }],
  ])('distractors leave what is taken at the %s alone, and are elsewhere', (_, region) => {
    const taken = (i: number) => {
      const [x, y] = [i % width, Math.floor(i / width)];
      return x >= region.x1 && x < region.x2 && y >= region.y1 && y < region.y2;
    };
    let elsewhere = 0;
    for (const seed of seeds) {
      const marks = painted((canvas) =>
        paintDistractors(canvas, { tone, taken: [region], random: mulberry32(seed) }),
      );
      expect(marks.some((mark, i) => mark && taken(i))).toBe(false);
      elsewhere += Number(marks.includes(true));
    }
    expect(elsewhere).toBeGreaterThan(30);
  });

  test('faint shapes are there, scratches in about two pictures of three', () => {
    const share = (work: typeof paintScratches) =>
      seeds.filter((seed) =>
        painted((canvas) => work(canvas, { tone, random: mulberry32(seed) })).includes(true),
      ).length / seeds.length;
    expect(share(paintFaintShapes)).toBe(1);
    expect(Math.abs(share(paintScratches) - 2 / 3)).toBeLessThan(0.25);
  });
});
