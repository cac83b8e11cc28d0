import { describe, expect, test } from 'vitest';
import { AnchorGenerator, mulberry32, type ImageSize } from '../src';

// Numbers marked V were printed by torchvision 0.29.2's AnchorGenerator (torch 2.15).

const rows = (boxes: Float32Array): number[][] =>
  Array.from({ length: boxes.length / 4 }, (_, i) => [...boxes.subarray(4 * i, 4 * i + 4)]);

/** An FPN's maps P2 … P6 of a padded image: strides 4 to 32 divide it, P6 is every second cell of P5. */
const fpnMaps = ({ width, height }: ImageSize): ImageSize[] => {
  const maps = [4, 8, 16, 32].map((stride) => ({ width: width / stride, height: height / stride }));
  const last = maps.at(-1)!;
  return [...maps, { width: Math.ceil(last.width / 2), height: Math.ceil(last.height / 2) }];
};

const about = (halves: number[][]): number[][] => halves.map(([x, y]) => [-x!, -y!, x!, y!]);

describe('as torchvision lays them', () => {
  const generator = new AnchorGenerator();

  test('the first cell of each level: ratio is height by width, corners rounded (V)', () => {
    const { boxes, counts } = generator.generate(
      { width: 64, height: 32 },
      Array.from({ length: 5 }, () => ({ width: 1, height: 1 })),
    );
    expect(counts).toEqual([3, 3, 3, 3, 3]);
    expect(rows(boxes)).toEqual(
      about([
        [23, 11], [16, 16], [11, 23],
        [45, 23], [32, 32], [23, 45],
        [91, 45], [64, 64], [45, 91],
        [181, 91], [128, 128], [91, 181],
        [362, 181], [256, 256], [181, 362],
      ]), // prettier-ignore
    );
  });

  test.each([
    [{ width: 1344, height: 800 }, [201_600, 50_400, 12_600, 3_150, 819]],
    [{ width: 800, height: 800 }, [120_000, 30_000, 7_500, 1_875, 507]],
    [{ width: 1088, height: 800 }, [163_200, 40_800, 10_200, 2_550, 663]],
  ])('counts for $width × $height (V)', (size, expected) => {
    const { boxes, counts } = generator.generate(size, fpnMaps(size));
    expect(counts).toEqual(expected);
    expect(boxes.length).toBe(4 * expected.reduce((a, b) => a + b, 0));
  });

  test('the last ones of P6, whose stride is 61 down and 64 across (V)', () => {
    const size = { width: 1344, height: 800 };
    const { boxes } = generator.generate(size, fpnMaps(size));
    expect(rows(boxes.subarray(-12))).toEqual([
      [918, 551, 1642, 913],
      [1024, 476, 1536, 988],
      [1099, 370, 1461, 1094],
    ]);
  });

  test('in the order map, row, column, ratio, size', () => {
    const small = new AnchorGenerator({ sizes: [[4, 8], [16]], aspectRatios: [1, 4] });
    expect(small.anchorsPerCell).toEqual([4, 2]);
    const { boxes, counts } = small.generate({ width: 30, height: 20 }, [
      { width: 2, height: 2 },
      { width: 1, height: 1 },
    ]);
    expect(counts).toEqual([16, 2]);
    const cell = about([[2, 2], [4, 4], [1, 4], [2, 8]]); // prettier-ignore
    const centres = [[0, 0], [15, 0], [0, 10], [15, 10]]; // prettier-ignore
    const first = centres.flatMap(([x, y]) =>
      cell.map(([x1, y1, x2, y2]) => [x1! + x!, y1! + y!, x2! + x!, y2! + y!]),
    );
    expect(rows(boxes)).toEqual([...first, [-8, -8, 8, 8], [-4, -16, 4, 16]]);
  });

  test("one map, the first paper's nine (V)", () => {
    const one = new AnchorGenerator({ sizes: [[128, 256, 512]] });
    const { boxes } = one.generate({ width: 16, height: 16 }, [{ width: 1, height: 1 }]);
    expect(rows(boxes)).toEqual(
      about([
        [91, 45], [181, 91], [362, 181],
        [64, 64], [128, 128], [256, 256],
        [45, 91], [91, 181], [181, 362],
      ]), // prettier-ignore
    );
  });
});

/** torchvision's formula written with lists, each step rounded to float32. */
function naiveAnchors(
  sizes: number[],
  ratios: number[],
  { image, map, round, offset }: { image: ImageSize; map: ImageSize; round: boolean; offset: number },
): number[][] {
  const f = Math.fround;
  const even = (value: number) => {
    const [down, up] = [Math.floor(value), Math.ceil(value)];
    if (value - down !== up - value) return Math.round(value);
    return down % 2 === 0 ? down : up;
  };
  const base = ratios.flatMap((ratio) =>
    sizes.map((size) => {
      const height = f(f(Math.sqrt(f(ratio))) * f(size));
      const width = f(f(1 / f(Math.sqrt(f(ratio)))) * f(size));
      const corners = [-width / 2, -height / 2, width / 2, height / 2];
      return round ? corners.map(even) : corners;
    }),
  );
  const strideX = Math.floor(image.width / map.width);
  const strideY = Math.floor(image.height / map.height);
  return Array.from({ length: map.height }, (_, j) =>
    Array.from({ length: map.width }, (_, i) =>
      base.map((corners) =>
        corners.map((corner, c) =>
          f(corner + (c % 2 === 0 ? (i + offset) * strideX : (j + offset) * strideY)),
        ),
      ),
    ),
  ).flat(2);
}

test('equals a literal twin, rounded or not, at any offset', () => {
  const random = mulberry32(5);
  const whole = (least: number, most: number) => least + Math.floor(random() * (most - least + 1));
  for (let trial = 0; trial < 40; trial++) {
    const image = { width: whole(20, 90), height: whole(20, 90) };
    const maps = [1, 2].map(() => ({ width: whole(1, 9), height: whole(1, 7) }));
    const sizes = maps.map(() => Array.from({ length: whole(1, 3) }, () => whole(1, 60) / whole(1, 2)));
    const aspectRatios = maps.map(() => Array.from({ length: whole(1, 3) }, () => whole(1, 9) / 4));
    const [round, offset] = [random() < 0.5, whole(0, 1) / 2];
    const generator = new AnchorGenerator({ sizes, aspectRatios, round, offset });
    const { boxes, counts } = generator.generate(image, maps);
    const expected = maps.flatMap((map, m) =>
      naiveAnchors(sizes[m]!, aspectRatios[m]!, { image, map, round, offset }),
    );
    expect(boxes).toEqual(Float32Array.from(expected.flat(), (value) => value + 0));
    const chosen = Array.from({ length: 9 }, () => whole(0, counts[1]! - 1));
    const some = generator.generateSome(chosen, { map: 1, imageSize: image, mapSize: maps[1]! });
    expect(rows(some)).toEqual(chosen.map((index) => rows(boxes)[counts[0]! + index]));
  }
});

test('halves go to the even pixel', () => {
  const generator = new AnchorGenerator({ sizes: [[1, 3, 5, 7]], aspectRatios: [1] });
  const { boxes } = generator.generate({ width: 9, height: 5 }, [{ width: 1, height: 1 }]);
  expect(rows(boxes).map(([, , x2]) => x2)).toEqual([0, 2, 2, 4]);
});

test.each<[() => unknown, string]>([
  [() => new AnchorGenerator({ sizes: [[8, 0]] }), 'AnchorGenerator: sizes must be positive, got 0'],
  [
    () => new AnchorGenerator({ sizes: [[Infinity]] }),
    'AnchorGenerator: sizes must be positive, got Infinity',
  ],
  [
    () => new AnchorGenerator({ aspectRatios: [-1] }),
    'AnchorGenerator: aspectRatios must be positive, got -1',
  ],
  [
    () => new AnchorGenerator({ sizes: [[8], [16]], aspectRatios: [[1]] }),
    'aspectRatios must be one list, or one for each map (2), got 1 lists',
  ],
  [() => new AnchorGenerator({ offset: 1 }), 'AnchorGenerator: offset must be in [0, 1), got 1'],
  [() => new AnchorGenerator({ offset: -0.5 }), 'AnchorGenerator: offset must be in [0, 1), got -0.5'],
  [
    () => new AnchorGenerator().generate({ width: 8, height: 8 }, [{ width: 1, height: 1 }]),
    'AnchorGenerator.generate: mapSizes must be one for each entry of sizes (5), got 1',
  ],
])('bad input %#', (call, message) => {
  expect(call).toThrow(message);
});

test.each([
  [9, 4],
  [8, 5],
  [0, 4],
  [8, 0],
  [1.5, 4],
  [8, 1.5],
])('a map of %d × %d is no map of an image of 8 × 4', (width, height) => {
  const generator = new AnchorGenerator({ sizes: [[8]] });
  expect(() => generator.generate({ width: 8, height: 4 }, [{ width, height }])).toThrow(
    `whole sides up to the image's (8 × 4), got ${width} × ${height}`,
  );
});
