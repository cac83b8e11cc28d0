import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BoxCoder, boxConvert, boxIou, generalizedBoxIou } from '../src';
import { box } from './naive';
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
