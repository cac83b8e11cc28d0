import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BoxCoder, boxConvert, boxIou, generalizedBoxIou, Matcher } from '../src';
import { box, naiveIou } from './naive';
import { coordinate, toBoxes, boxesOf } from './arbitraries';

describe('boxes', () => {
  test('IoU is symmetric, in [0, 1], 1 with itself; generalized IoU in [−1, IoU]', () => {
    fc.assert(
      fc.property(boxesOf(12), boxesOf(12), (a, b) => {
        const [rows, columns] = [a.length / 4, b.length / 4];
        const iou = boxIou(a, b);
        const turned = boxIou(b, a);
        const generalized = generalizedBoxIou(a, b);
        for (let i = 0; i < rows; i++) {
          for (let j = 0; j < columns; j++) {
            const value = iou[i * columns + j]!;
            expect(value).toBe(turned[j * rows + i]);
            expect(value >= 0 && value <= 1).toBe(true);
            const other = generalized[i * columns + j]!;
            expect(other >= -1 && other <= value).toBe(true);
          }
          const [x1, y1, x2, y2] = box(a, i);
          const hasExtent = x2! > x1! && y2! > y1!;
          expect(boxIou(box(a, i), box(a, i))[0]).toBe(hasExtent ? 1 : 0);
        }
      }),
    );
  });

  test('IoU is, to the bit, that of each pair on its own; also of boxes turned inside out', () => {
    const turned = boxesOf(9).map((boxes) => boxes.map((_, i) => boxes[i ^ (i % 3 === 0 ? 2 : 0)]!));
    const some = fc.oneof(boxesOf(12), turned);
    fc.assert(
      fc.property(some, some, (a, b) => {
        const [rows, columns] = [a.length / 4, b.length / 4];
        const expected = Float32Array.from({ length: rows * columns }, (_, k) =>
          naiveIou(box(a, Math.floor(k / columns)), box(b, k % columns)),
        );
        expect(boxIou(a, b)).toEqual(expected);
      }),
    );
  });

  test('Matcher is each box asking for its best truth, and each truth for its best boxes', () => {
    const quality = fc.array(fc.constantFrom(0, 0.1, 0.3, 0.5, 0.7, 1), { maxLength: 40 });
    fc.assert(
      fc.property(quality, fc.integer({ min: 1, max: 4 }), fc.boolean(), (values, rows, low) => {
        const columns = Math.floor(values.length / rows);
        const of = (row: number, column: number) => Math.fround(values[row * columns + column]!);
        const all = (length: number) => Array.from({ length }, (_, i) => i);
        const expected = all(columns).map((j) => {
          const column = all(rows).map((i) => of(i, j));
          const best = Math.max(...column);
          const isBestOf = (i: number) => of(i, j) === Math.max(...all(columns).map((k) => of(i, k)));
          if (best >= Math.fround(0.7) || (low && all(rows).some(isBestOf))) return column.indexOf(best);
          return best >= Math.fround(0.3) ? Matcher.BETWEEN_THRESHOLDS : Matcher.BELOW_LOW_THRESHOLD;
        });
        const matcher = new Matcher({ highThreshold: 0.7, lowThreshold: 0.3, allowLowQualityMatches: low });
        const given = Float32Array.from(values.slice(0, rows * columns));
        const shape = { numGroundTruth: rows, numPredictions: columns };
        expect(Array.from(matcher.match(given, shape))).toEqual(expected);
      }),
    );
  });

  test('formats convert there and back', () => {
    const format = fc.constantFrom('xyxy' as const, 'xywh' as const, 'cxcywh' as const);
    fc.assert(
      fc.property(boxesOf(20), format, format, (boxes, from, to) => {
        const back = boxConvert(boxConvert(boxes, { from, to }), { from: to, to: from });
        back.forEach((value, i) => expect(Math.abs(value - boxes[i]!)).toBeLessThan(1e-3));
      }),
    );
  });

  test('BoxCoder decodes what it encoded', () => {
    const sized = fc
      .tuple(
        coordinate,
        coordinate,
        fc.float({ min: 4, max: 200, noNaN: true }),
        fc.float({ min: 4, max: 200, noNaN: true }),
      )
      .map((row) => toBoxes([row]));
    const weight = fc.double({ min: 0.1, max: 20, noNaN: true });
    fc.assert(
      fc.property(sized, sized, fc.tuple(weight, weight, weight, weight), (reference, proposal, weights) => {
        const coder = new BoxCoder({ weights });
        const decoded = coder.decode(coder.encode(reference, proposal), proposal);
        decoded.forEach((value, i) => expect(Math.abs(value - reference[i]!)).toBeLessThan(0.01));
      }),
    );
  });
});
