import * as fc from 'fast-check';
import { mulberry32 } from '@roikit/geometry';
import { expect, test } from 'vitest';
import { splitDataset, type Dataset } from '../src';
import { memoryDataset } from './fixtures';

function numbered(length: number): Dataset {
  const image = { data: new Uint8Array(6), width: 2, height: 1 };
  const truth = { boxes: new Float32Array(), labels: new Int32Array() };
  return memoryDataset(
    Array.from({ length }, (_, i) => ({ id: String(i), image, truth })),
    ['cat'],
  );
}

const ids = (dataset: Dataset | undefined): number[] =>
  Array.from({ length: dataset!.length }, (_, i) => Number(dataset!.id(i)));

test('parts of the given shares, each sample in one, in their order; another seed, other parts', () => {
  const shares = { train: 0.7, val: 0.2, test: 0.1 };
  const parts = splitDataset(numbered(50), { shares, random: mulberry32(1) });
  expect(Object.values(parts).map(({ length }) => length)).toEqual([35, 10, 5]);
  expect(
    Object.values(parts)
      .flatMap(ids)
      .sort((a, b) => a - b),
  ).toEqual(Array.from({ length: 50 }, (_, i) => i));
  for (const part of Object.values(parts)) expect(ids(part)).toEqual(ids(part).toSorted((a, b) => a - b));
  expect(parts['val']!.name).toBe('memory-val');
  expect(splitDataset(numbered(50), { shares, random: mulberry32(1) })['val']!.length).toBe(10);
  expect(ids(splitDataset(numbered(50), { shares, random: mulberry32(1) })['val'])).toEqual(
    ids(parts['val']),
  );
  expect(ids(splitDataset(numbered(50), { shares, random: mulberry32(2) })['val'])).not.toEqual(
    ids(parts['val']),
  );
});

test('every sample is as likely in a part as every other', () => {
  const counts = Array.from({ length: 10 }, () => 0);
  const random = mulberry32(3);
  for (let i = 0; i < 2000; i++) {
    for (const id of ids(splitDataset(numbered(10), { shares: { a: 0.3 }, random })['a'])) counts[id]!++;
  }
  // 600 expected, standard deviation 20.5.
  for (const count of counts) expect(Math.abs(count - 600)).toBeLessThan(90);
});

test('with labels, rare classes are in every part that can have one', () => {
  // Class 1 everywhere, class 2 on ten samples, class 3 on five.
  const labels = (index: number): number[] => [
    1,
    1,
    ...(index < 10 ? [2] : []),
    ...(index % 20 === 0 ? [3] : []),
  ];
  for (let seed = 0; seed < 20; seed++) {
    const parts = splitDataset(numbered(100), {
      shares: { train: 0.8, val: 0.2 },
      random: mulberry32(seed),
      labels,
    });
    const count = (name: 'train' | 'val', label: number): number =>
      ids(parts[name]).filter((index) => labels(index).includes(label)).length;
    expect([count('train', 1), count('train', 2), count('train', 3)]).toEqual([80, 8, 4]);
    expect([count('val', 1), count('val', 2), count('val', 3)]).toEqual([20, 2, 1]);
  }
});

test('whatever the shares and labels: sizes to within one, nothing twice', () => {
  const share = fc.double({ min: 0.01, max: 0.33, noNaN: true });
  const labelled = fc.array(fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 3 }), { maxLength: 40 });
  fc.assert(
    fc.property(share, share, share, labelled, fc.boolean(), fc.nat(), (a, b, c, list, stratify, seed) => {
      const parts = splitDataset(numbered(list.length), {
        shares: { a, b, c },
        random: mulberry32(seed),
        ...(stratify && { labels: (index: number) => list[index]! }),
      });
      [a, b, c].forEach((value, i) => {
        expect(Math.abs(Object.values(parts)[i]!.length - value * list.length)).toBeLessThanOrEqual(1);
      });
      const all = Object.values(parts).flatMap(ids);
      expect(new Set(all).size).toBe(all.length);
    }),
  );
});

test.each<[Record<string, number>]>([[{}], [{ a: 0 }], [{ a: 1.1 }], [{ a: 0.6, b: 0.6 }], [{ a: NaN }]])(
  'shares %j are refused',
  (shares) => {
    expect(() => splitDataset(numbered(4), { shares, random: mulberry32(1) })).toThrow(
      /splitDataset: shares must be in \(0, 1\] and at most 1 together, got/,
    );
  },
);
