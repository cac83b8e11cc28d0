import { BoxCoder, boxIou, mulberry32 } from '@roikit/geometry';
import { EigenvalueDecomposition, inverse, Matrix } from 'ml-matrix';
import { describe, expect, test } from 'vitest';
import { BoxRidgeRegression, boxRegressionExamples } from '../src';

const [count, dimensions] = [150, 9];
const random = mulberry32(3);
const features = Float32Array.from({ length: count * dimensions }, () => 4 * random() - 1);
const targets = Float32Array.from(
  { length: count * 4 },
  (_, i) => 0.3 * features[(i >> 2) * dimensions + (i & 3)]! - 0.1 * (i & 3) + random() - 0.2,
);

/** R-CNN's rcnn_train_bbox_regressor, matrices and all: whitened targets, closed form, whitening undone. */
function closedForm(lambda: number, scale: number): Matrix {
  const x = new Matrix(count, dimensions + 1);
  const y = new Matrix(count, 4);
  for (let n = 0; n < count; n++) {
    for (let d = 0; d < dimensions; d++) x.set(n, d, scale * features[n * dimensions + d]!);
    x.set(n, dimensions, 1);
    for (let k = 0; k < 4; k++) y.set(n, k, targets[4 * n + k]!);
  }
  const mean = y.mean('column');
  const centred = y.clone().subRowVector(mean);
  const covariance = centred.transpose().mmul(centred).div(count);
  const { eigenvectorMatrix: vectors, realEigenvalues } = new EigenvalueDecomposition(covariance, {
    assumeSymmetric: true,
  });
  const root = (power: number) =>
    vectors
      .mmul(Matrix.diag(realEigenvalues.map((value) => (value + 0.001) ** power)))
      .mmul(vectors.transpose());
  const ridge = x
    .transpose()
    .mmul(x)
    .add(Matrix.eye(dimensions + 1).mul(lambda));
  const whitened = inverse(ridge).mmul(x.transpose().mmul(centred.mmul(root(-0.5))));
  const solution = whitened.mmul(root(0.5));
  for (let k = 0; k < 4; k++) solution.set(dimensions, k, solution.get(dimensions, k) + mean[k]!);
  return solution;
}

describe('BoxRidgeRegression', () => {
  test.each([
    [1000, 1],
    [1, 1],
    [4000, 2.5],
  ])("R-CNN's closed form to 1e-6, whitening and all: λ %f, features × %f", (lambda, featureScale) => {
    const regression = new BoxRidgeRegression({ dimensions, lambda, featureScale });
    // In pieces of no particular length.
    for (const [from, to] of [
      [0, 1],
      [1, 70],
      [70, 70],
      [70, count],
    ] as const) {
      regression.add(
        features.subarray(from * dimensions, to * dimensions),
        targets.subarray(4 * from, 4 * to),
      );
    }
    expect(regression.count).toBe(count);
    const expected = closedForm(lambda, featureScale);
    const { weights, bias } = regression.solve();
    weights.forEach((weight, i) => {
      expect(Math.abs(weight - featureScale * expected.get(i >> 2, i & 3))).toBeLessThan(1e-6);
    });
    bias.forEach((value, k) => expect(Math.abs(value - expected.get(dimensions, k))).toBeLessThan(1e-6));
  });

  test("λ is R-CNN's 1000 by default, features unscaled", () => {
    const solve = (options: object) => {
      const regression = new BoxRidgeRegression({ dimensions, ...options });
      regression.add(features, targets);
      return regression.solve();
    };
    expect(solve({})).toEqual(solve({ lambda: 1000, featureScale: 1 }));
    expect(solve({})).not.toEqual(solve({ lambda: 1100 }));
  });

  test('stopped and restored anywhere, it gives what it would have', () => {
    const whole = new BoxRidgeRegression({ dimensions });
    whole.add(features, targets);
    for (const stop of [0, 64, 101, count]) {
      const first = new BoxRidgeRegression({ dimensions });
      first.add(features.subarray(0, stop * dimensions), targets.subarray(0, 4 * stop));
      const second = BoxRidgeRegression.restore(structuredClone(first.state()), { dimensions });
      second.add(features.subarray(stop * dimensions), targets.subarray(4 * stop));
      const [got, expected] = [second.solve(), whole.solve()];
      got.weights.forEach((weight, i) => expect(weight).toBeCloseTo(expected.weights[i]!, 7));
      expect(second.count).toBe(count);
    }
  });

  test('nothing learned, nothing moved; more can be added after solving', () => {
    const regression = new BoxRidgeRegression({ dimensions, lambda: 1 });
    expect(regression.solve()).toEqual({ weights: new Float32Array(36), bias: new Float32Array(4) });
    regression.add(features.subarray(0, 9), targets.subarray(0, 4));
    regression.solve();
    regression.add(features.subarray(9), targets.subarray(4));
    expect(regression.solve().bias[2]).toBeCloseTo(closedForm(1, 1).get(dimensions, 2), 6);
  });

  test('errors', () => {
    expect(() => new BoxRidgeRegression({ dimensions, lambda: 0 })).toThrow('lambda must be positive, got 0');
    const regression = new BoxRidgeRegression({ dimensions });
    expect(() => regression.add(features, targets.subarray(4))).toThrow(
      '[N, D] = [149, 9], got 1350 numbers',
    );
    expect(() => BoxRidgeRegression.restore(regression.state(), { dimensions: 3 })).toThrow(
      'of 3 dimensions, got 9',
    );
  });
});

describe('boxRegressionExamples', () => {
  const objects = Float32Array.of(10, 20, 138, 60, 30, 25, 158, 65);
  const covering = (share: number) => [10, 20, 10 + 128 * share, 60];
  // IoU with the first: .6015625, .59765625, 1; the last lies on the second.
  const regions = Float32Array.from(
    [covering(0.6015625), covering(0.59765625), covering(1), [31, 26, 157, 66]].flat(),
  );

  test('takes regions from IoU .6 on, each with the object it overlaps most', () => {
    const { rows, targets: offsets } = boxRegressionExamples(regions, objects);
    expect(Array.from(rows)).toEqual([0, 2, 3]);
    const taken = Float32Array.from(
      [...rows].flatMap((row) => Array.from(regions.subarray(4 * row, 4 * row + 4))),
    );
    const decoded = new BoxCoder().decode(offsets, taken);
    const expected = [objects.subarray(0, 4), objects.subarray(0, 4), objects.subarray(4)];
    expected.forEach((object, i) => {
      expect(boxIou(decoded.subarray(4 * i, 4 * i + 4), object)[0]).toBeCloseTo(1, 5);
    });
  });

  test('minIou is configurable; no object or no region gives nothing', () => {
    expect(boxRegressionExamples(regions, objects, { minIou: 0.5 }).rows.length).toBe(4);
    const none = new Float32Array(0);
    expect(boxRegressionExamples(regions, none).rows.length).toBe(0);
    expect(boxRegressionExamples(none, objects).targets.length).toBe(0);
  });
});
