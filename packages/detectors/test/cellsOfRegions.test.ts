import { mulberry32 } from '@roikit/geometry';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { useTestEngine } from '../../engine/test/testEngine';
import { distinctRegions, expandRows } from '../src/regions/distinctRegions';
import type { FeatureMap, RegionContext } from '../src/parts';
import { roiPoolRegions } from '../src/regions/roiPoolRegions';
import { spatialPyramidRegions } from '../src/regions/spatialPyramidRegions';

beforeAll(useTestEngine);

// Which cells a region is pooled from, worked by hand.

/** A picture of 40 × 30 that the transform made 80 × 90 (twice as wide, three times as high), and a map of it. */
const context = (field: FeatureMap['field']): RegionContext => ({
  images: [{ data: new Uint8Array(), width: 40, height: 30 }],
  sizes: [{ width: 80, height: 90 }],
  maps: [{ map: undefined as unknown as FeatureMap['map'], field }],
});
const rows = (cells: Int32Array) =>
  Array.from({ length: cells.length / 5 }, (_, i) => [...cells.subarray(5 * i, 5 * i + 5)]);

describe('SPP-net App. A', () => {
  const { cells } = spatialPyramidRegions({ levels: [1], channels: 1 });

  test('left and top ⌊x/S⌋ + 1, right and bottom ⌈x/S⌉ − 1, of pixels from where cell 0 looks', () => {
    // (5, 3, 15, 9) is (10, 9, 30, 27) in the input; minus 3: (7, 6, 27, 24); over 8: (.875, .75, 3.375, 3).
    // (1.5, 1, 17.5, 25) is (3, 3, 35, 75): (0, 0, 32, 72): (0, 0, 4, 9): a cell on the edge is outside.
    const boxes = Float32Array.of(5, 3, 15, 9, 1.5, 1, 17.5, 25);
    expect(rows(cells!(context({ stride: 8, center: 3 }), boxes))).toEqual([
      [1, 1, 3, 2, 0],
      [1, 1, 3, 8, 0],
    ]);
  });
});

describe('RoI max pooling', () => {
  const { cells } = roiPoolRegions({ outputSize: [2, 2], channels: 1 });

  test('corners are rounded to cells, halves away from 0, all four alike', () => {
    // Cells of 8 that are centred on 4: nothing is moved. (10, 9, 30, 27) over 8: (1.25, 1.125, 3.75, 3.375).
    // (2, 4/3, 10, 28/3) is (4, 4, 20, 28): (.5, .5, 2.5, 3.5).
    const boxes = Float32Array.of(5, 3, 15, 9, 2, 4 / 3, 10, 28 / 3);
    expect(rows(cells!(context({ stride: 8, center: 4 }), boxes))).toEqual([
      [1, 1, 4, 3, 0],
      [1, 1, 3, 4, 0],
    ]);
  });

  test('of cells at the corners, torchvision’s, nothing is moved, wherever they look', () => {
    const corner = roiPoolRegions({ outputSize: [2, 2], channels: 1, cells: 'corner' });
    const boxes = Float32Array.of(5, 3, 15, 9);
    expect(rows(corner.cells!(context({ stride: 8, center: 6 }), boxes))).toEqual([[1, 1, 4, 3, 0]]);
    expect(rows(corner.cells!(context({ stride: 8, center: 0.5 }), boxes))).toEqual([[1, 1, 4, 3, 0]]);
  });

  test('cells that look further right are reached later', () => {
    // Centred on 6, two pixels on: (8, 7, 28, 25) over 8: (1, .875, 3.5, 3.125); (−2, −2, 14, 22): (−.25, −.25, 1.75, 2.75).
    const boxes = Float32Array.of(5, 3, 15, 9, 0, 0, 8, 8);
    expect(rows(cells!(context({ stride: 8, center: 6 }), boxes))).toEqual([
      [1, 1, 4, 3, 0],
      [0, 0, 2, 3, 0],
    ]);
  });
});

describe('of a map whose stride is no power of two, as in an image pyramid', () => {
  // A map that holds the number of each column: what pooling gives is the last cell of a region, as the kernel has it.
  const stride = 16 / 0.48;
  const columns = 60;
  const field = { stride, center: stride / 2 };
  // Corners on the border between two cells and as near as float32 has them.
  const near = (x: number) => [x, Math.fround(x) + 2 ** -17, Math.fround(x) - 2 ** -17].map(Math.fround);
  const edges = Array.from({ length: columns - 2 }, (_, i) => (i + 0.5) * stride).flatMap(near);
  const boxes = Float32Array.from(edges.flatMap((x) => [0, 0, x, 5]));

  test('the cells are those that are pooled', () => {
    tf.tidy(() => {
      const map = tf.tensor4d(
        Float32Array.from({ length: columns }, (_, i) => i),
        [1, 1, columns, 1],
      );
      const size = { width: columns * stride, height: 5 };
      const image = { data: new Uint8Array(), ...size };
      const regions = roiPoolRegions({ outputSize: [1, 1], channels: 1 });
      const context = { images: [image], sizes: [size], maps: [{ map, field }] };
      const cells = regions.cells!(context, boxes);
      expect(edges.map((_, i) => cells[5 * i + 2])).toEqual([...regions.apply(context, [boxes]).dataSync()]);
    });
  });
});

test('regions of the same cells are one, the first of them; its row is everyone’s', () => {
  const boxes = Float32Array.from({ length: 20 }, (_, i) => i);
  // Three numbers each: the first, third and last are alike.
  const cells = Int32Array.of(1, 2, 3, 1, 2, 4, 1, 2, 3, 12, 3, 3, 1, 2, 3);
  const distinct = distinctRegions(boxes, cells);
  expect([...distinct.boxes]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 12, 13, 14, 15]);
  expect([...distinct.of]).toEqual([0, 1, 0, 2, 0]);
  expect([...expandRows(Float32Array.of(1, 2, 3, 4, 5, 6), distinct)]).toEqual([
    1, 2, 3, 4, 1, 2, 5, 6, 1, 2,
  ]);
});

test('many regions, some of cells with negative numbers: as a map by their text', () => {
  const random = mulberry32(3);
  // Five numbers of three values each: of 600 regions most have a twin; the second half differs by large steps.
  const cells = Int32Array.from(
    { length: 5 * 600 },
    (_, i) => Math.floor(random() * 3 - 1) * (i < 1500 ? 1 : 2 ** 20),
  );
  const boxes = Float32Array.from({ length: 4 * 600 }, (_, i) => i);
  const keys = Array.from({ length: 600 }, (_, i) => cells.subarray(5 * i, 5 * i + 5).join());
  const unique = [...new Set(keys)];
  const { boxes: kept, of } = distinctRegions(boxes, cells);
  expect([...of]).toEqual(keys.map((key) => unique.indexOf(key)));
  expect([...kept]).toEqual(unique.flatMap((key) => [0, 1, 2, 3].map((c) => 4 * keys.indexOf(key) + c)));
  expect(unique.length).toBeLessThan(600);
  expect([...distinctRegions(new Float32Array(), new Int32Array()).of]).toEqual([]);
});
