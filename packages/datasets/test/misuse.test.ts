import { mulberry32 } from '@roikit/geometry';
import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  digits,
  flipBoxes,
  iouCrop,
  photometricDistort,
  scaleJitter,
  splitDataset,
  type Dataset,
} from '../src';
import { openDataset, writeDataset } from '../src/node';
import { noise } from './noiseSample';

// Plain JavaScript has no compiler to say so.
const wrong = (value: unknown) => value as never;
const random = mulberry32(1);

describe('what is no choice, range or path is an error that names the function', () => {
  test.each<[string, () => unknown]>([
    ['flipBoxes: axis must be one of horizontal, vertical, got x', () => flipBoxes(Float32Array.of(0, 0, 1, 2), { width: 5, height: 3 }, { axis: wrong('x') })], // prettier-ignore
    ['iouCrop: scaleRange must be [low, high] with 0 ≤ low ≤ high ≤ 1, got [0.3,2]', () => iouCrop(noise(), { scaleRange: [0.3, 2], random })], // prettier-ignore
    ['iouCrop: scaleRange must be [low, high] with 0 ≤ low ≤ high ≤ 1, got [0,null]', () => iouCrop(noise(), { scaleRange: [0, NaN], random })], // prettier-ignore
    ['scaleJitter: scaleRange must be [low, high] with 0 < low ≤ high, got [2, 1]', () => scaleJitter(noise(), { scaleRange: [2, 1], random })], // prettier-ignore
    ['photometricDistort: brightness must be [low, high] with 0 ≤ low ≤ high, got "x"', () => photometricDistort(noise(), { brightness: wrong('x'), random })], // prettier-ignore
    ['photometricDistort: contrast must be [low, high] with 0 ≤ low ≤ high, got 0.5', () => photometricDistort(noise(), { contrast: wrong(0.5), random })], // prettier-ignore
    ['photometricDistort: hue must be [low, high] with low ≤ high, got [0.1,-0.1]', () => photometricDistort(noise(), { hue: [0.1, -0.1], random })], // prettier-ignore
    ['photometricDistort: probability must be in [0, 1], got NaN', () => photometricDistort(noise(), { probability: NaN, random })], // prettier-ignore
    [
      'digits: split must be one of train, test, got val',
      () => digits({ count: 1, split: wrong('val'), random }),
    ],
    ['splitDataset: shares must be in (0, 1] and at most 1 together, got none', () => splitDataset(wrong({ length: 3 }), wrong({ random }))], // prettier-ignore
  ])('%s', (message, call) => expect(call).toThrow(message));

  test.each<[string, () => Promise<unknown>]>([
    ['openDataset: format must be one of auto, voc, coco, yolo, labelme, cvat, got pascal', () => openDataset('.', { format: wrong('pascal') })], // prettier-ignore
    [
      'openDataset: classes must be an array of names, got "cat"',
      () => openDataset('.', { classes: wrong('cat') }),
    ],
    [
      'openDataset: path must be that of a folder or file, got undefined',
      () => openDataset(wrong(undefined)),
    ],
    ['writeDataset: format must be one of voc, coco, yolo, got json', () => writeDataset(digits({ count: 1, random }), '.', { format: wrong('json') }).next()], // prettier-ignore
  ])('%s', async (message, call) => expect(call()).rejects.toThrow(message));
});

test('the parts of a split are known by their names', () => {
  const { train, val } = splitDataset(digits({ count: 5, random }), {
    shares: { train: 0.6, val: 0.4 },
    random,
  });
  expectTypeOf(train).toEqualTypeOf<Dataset>();
  expect([train.length, val.length]).toEqual([3, 2]);
});
