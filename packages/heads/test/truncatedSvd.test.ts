import { mulberry32 } from '@roikit/geometry';
import { Matrix, SingularValueDecomposition } from 'ml-matrix';
import { describe, expect, test } from 'vitest';
import { truncatedSvd } from '../src';

describe('truncatedSvd', () => {
  test.each([
    [7, 19, 4],
    [19, 7, 4],
    [12, 12, 5],
    [5, 9, 5],
    [6, 4, 1],
  ])(
    '%i × %i at rank %i: the error of ml-matrix’s own SVD, which no approximation beats',
    (rows, columns, rank) => {
      const random = mulberry32(rows);
      const weights = Float32Array.from({ length: rows * columns }, () => random() - 0.4);
      const { first, second, error } = truncatedSvd(weights, { rows, columns, rank });
      const product = new Matrix(reshape(second, rows, rank)).mmul(new Matrix(reshape(first, rank, columns)));
      const whole = new Matrix(reshape(weights, rows, columns));
      const { diagonal } = new SingularValueDecomposition(whole, { autoTranspose: true });
      const dropped = Math.hypot(...diagonal.slice(rank)) / Math.hypot(...diagonal);
      expect(error).toBeCloseTo(dropped, 6);
      expect(Matrix.sub(whole, product).norm() / whole.norm()).toBeCloseTo(dropped, 6);
    },
  );

  test('ranks and sizes that do not fit are named', () => {
    const weights = new Float32Array(6);
    for (const rank of [3, 0, -1, 1.5, NaN])
      expect(() => truncatedSvd(weights, { rows: 2, columns: 3, rank })).toThrow(
        `rank must be from 1 to 2, got ${rank}`,
      );
    expect(() => truncatedSvd(weights, { rows: 2, columns: 2, rank: 1 })).toThrow(/\[2, 2\], got 6 numbers/);
  });
});

function reshape(values: Float32Array, rows: number, columns: number): number[][] {
  return Array.from({ length: rows }, (_, i) => [...values.subarray(i * columns, (i + 1) * columns)]);
}
