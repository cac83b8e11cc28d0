import { beforeAll, describe, expect, test } from 'vitest';
import { useTestEngine } from '../../engine/test/testEngine';
import { flooredSize, paddedTransform } from '../src/transform/paddedTransform';

beforeAll(useTestEngine);

describe('the transform', () => {
  // torchvision's GeneralizedRCNNTransform, run: ../shared's specification of Faster R-CNN, §2.
  test.each([
    [480, 640, 800, 1066],
    [375, 500, 800, 1066],
    [427, 640, 800, 1199],
    [600, 1000, 799, 1333],
    [1000, 300, 1333, 399],
    [2000, 333, 1333, 221],
    [500, 353, 1133, 800],
    [97, 97, 799, 799],
    [161, 240, 799, 1192],
  ])('%i × %i becomes %i × %i, as in torchvision', (height, width, newHeight, newWidth) => {
    const size = flooredSize({ width, height }, { minSize: 800, maxSize: 1333 });
    expect(size).toEqual({ height: newHeight, width: newWidth });
  });

  test('values are torchvision’s, and padding is the mean colour', () => {
    const values = Uint8Array.from({ length: 36 }, (_, i) => Math.floor(i / 3));
    const { input, size } = paddedTransform({
      minSize: 5,
      maxSize: 7,
      mean: [0, 0, 0],
      std: [1 / 255, 1 / 255, 1 / 255],
    }).apply({ data: values, width: 4, height: 3 });
    expect(size).toEqual({ height: 5, width: 6 }); // 4 · 5/3 is 6.67
    expect(input.shape).toEqual([1, 32, 32, 3]);
    const rows = input.arraySync()[0]!;
    // (j + ½) · 4/6 − ½ across, (1 + ½) · 3/5 − ½ = 0.4 down; 4 from one row to the next.
    const across = [0, 0.5, 7 / 6, 11 / 6, 2.5, 3];
    across.forEach((x, j) => expect(rows[1]![j]![0]).toBeCloseTo(0.4 * 4 + x, 4));
    expect([rows[5]![0]![0], rows[0]![6]![0], rows[31]![31]![2]]).toEqual([0, 0, 0]);
    input.dispose();
  });
});
