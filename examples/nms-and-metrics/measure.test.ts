import { expect, test } from 'vitest';
// @ts-expect-error JavaScript, as readers copy it
import { measure } from './measure.js';

test('the duplicate goes, and the false alarm costs its class nothing, since it comes last', () => {
  const { kept, voc, coco, confusion } = measure();
  expect(kept).toEqual([2, 2]);
  expect(voc).toBe(1);
  expect(coco.AP50).toBe(1);
  // IoUs by hand: 2450/2549 = .96 for class 1; 1800/2072 = .87 and 2400/2596 = .92 for class 2. At .90 the better scored
  // one of class 2 is wrong: precision 1/2 up to recall 1/2, which is 51 of 101 points; at .95 both are.
  expect(coco.AP).toBeCloseTo((1 + (8 + (51 / 101) * 0.5) / 10) / 2, 6);
  // Rows are truths, columns detections; the background's row has the alarm for nothing.
  expect([...confusion.matrix]).toEqual([0, 1, 0, 0, 1, 0, 0, 0, 2]);
});
