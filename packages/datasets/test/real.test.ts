import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openDataset, type FileDataset } from '../src/node';
import golden from './goldens/annotations.json';
import { rejection } from './fixtures';
import { needsSharedData, noSharedData, sharedData } from './shared';

const bccd = join(sharedData, 'bccd');
const coco128 = join(sharedData, 'coco128');

interface ClassTotals {
  boxes: number;
  sum: number[];
}

/** Number of boxes and sum of corners by class, as goldens/annotations.py takes them. */
function totals(dataset: FileDataset): Record<string, ClassTotals> {
  const byClass: Record<string, ClassTotals> = {};
  for (let index = 0; index < dataset.length; index++) {
    const { boxes, labels } = dataset.truth(index);
    labels.forEach((label, i) => {
      const entry = (byClass[dataset.classes[label - 1]!] ??= { boxes: 0, sum: [0, 0, 0, 0] });
      entry.boxes++;
      for (let k = 0; k < 4; k++) entry.sum[k]! += boxes[4 * i + k]!;
    });
  }
  return byClass;
}

function expectTotals(dataset: FileDataset, expected: Record<string, ClassTotals | undefined>): void {
  const actual = totals(dataset);
  expect(Object.keys(actual).sort()).toEqual(Object.keys(expected).sort());
  for (const [name, entry] of Object.entries(actual)) {
    const { boxes, sum } = expected[name]!;
    expect({ name, boxes: entry.boxes }).toEqual({ name, boxes });
    // float32 boxes against Python's doubles
    entry.sum.forEach((value, k) => expect(Math.abs(value - sum[k]!)).toBeLessThan(0.1));
  }
}

describe.skipIf(noSharedData)(`real data${needsSharedData}`, () => {
  test.each(['train', 'val', 'trainval', 'test', 'all'] as const)(
    'BCCD %s is what ElementTree reads',
    async (split) => {
      const dataset = await openDataset(bccd, { split: split === 'all' ? undefined : split });
      expect(dataset).toMatchObject({ name: 'bccd', format: 'voc', classes: ['Platelets', 'RBC', 'WBC'] });
      expect(dataset.length).toBe(golden.bccd[split].images);
      expectTotals(dataset, golden.bccd[split].classes);
    },
  );

  test('BCCD has the published counts, and its two empty boxes are named', async () => {
    const dataset = await openDataset(bccd, { format: 'voc' });
    const counts = totals(dataset);
    expect([
      dataset.length,
      counts['RBC']!.boxes + 2,
      counts['WBC']!.boxes,
      counts['Platelets']!.boxes,
    ]).toEqual([364, 4155, 372, 361]);
    expect(dataset.problems.map(({ message }) => message)).toEqual([
      `${join(bccd, 'Annotations', 'BloodImage_00338.xml')}: the box [504, 337, 504, 337] of 'RBC' has no area (640×480), ` +
        'box skipped; draw it again, or delete it from the file',
      `${join(bccd, 'Annotations', 'BloodImage_00343.xml')}: the box [181, 329, 181, 329] of 'RBC' has no area (640×480), ` +
        'box skipped; draw it again, or delete it from the file',
    ]);
    expect(golden.bccd.all.empty).toEqual(['BloodImage_00338', 'BloodImage_00343']);
  });

  test('strict makes the two empty boxes fatal, and passes the split without them', async () => {
    const error = await rejection(openDataset(bccd, { split: 'trainval', strict: true }));
    expect(error).toBeInstanceOf(AggregateError);
    expect(error.message).toMatch(/^openDataset: 2 problems in .*bccd \(strict\)\n.*00338.*\n.*00343/);
    expect((await openDataset(bccd, { split: 'test', strict: true })).length).toBe(72);
  });

  test('the order of given classes is the order of labels', async () => {
    const classes = ['WBC', 'RBC', 'Platelets'];
    const dataset = await openDataset(bccd, { split: 'test', classes });
    expect(dataset.classes).toEqual(classes);
    expectTotals(dataset, golden.bccd.test.classes);
  });

  test('coco128 is what json reads, crowds and areas included', async () => {
    const dataset = await openDataset(coco128);
    expect(dataset).toMatchObject({ format: 'coco', problems: [], classes: golden.coco128.order });
    expect(dataset.length).toBe(128);
    expectTotals(dataset, golden.coco128.classes);
    const truths = Array.from({ length: dataset.length }, (_, index) => dataset.truth(index));
    const sum = (values: Iterable<number>): number => [...values].reduce((a, b) => a + b, 0);
    expect(sum(truths.map(({ labels }) => labels.length))).toBe(939);
    expect(sum(truths.flatMap(({ crowd }) => [...(crowd ?? [])]))).toBe(golden.coco128.crowd);
    expect(sum(truths.flatMap(({ area }) => [...(area ?? [])])) / golden.coco128.area).toBeCloseTo(1, 6);
  });
});
