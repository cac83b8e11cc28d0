import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { FeatureNorm, trainLinearSvm } from '../src';
import { slowSvm } from './slowSvm';

interface GoldenCase {
  cost: number;
  biasMultiplier: number;
  positiveWeight: number;
  objective: number;
  bias: number;
  norm: number;
}

interface GoldenSet {
  dimensions: number;
  scale: number;
  offset: number;
  labels: number[];
  cases: GoldenCase[];
  features: string;
}

/** What goldens/linear_svm.py writes. */
const golden = JSON.parse(
  readFileSync(new URL('goldens/linear_svm.json', import.meta.url), 'utf8'),
) as Record<'seeded' | 'real', GoldenSet>;

function examplesOf({ features, scale, offset, dimensions, labels }: GoldenSet) {
  const bytes = Buffer.from(features, 'base64');
  const values = Float32Array.from(bytes, (byte) => Math.fround(byte * Math.fround(scale)) + offset);
  return { features: values, dimensions, labels };
}

const norm = (values: Float32Array) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));

describe.each(['seeded', 'real'] as const)('trainLinearSvm on %s features', (name) => {
  const examples = examplesOf(golden[name]);

  test.each(golden[name].cases)(
    "reaches LinearSVC's optimum: C $cost, B $biasMultiplier, positives × $positiveWeight",
    ({ objective, bias, norm: length, ...options }) => {
      const svm = trainLinearSvm(examples, { ...options, maxPasses: 100_000 });
      expect(svm.objective / objective).toBeGreaterThan(1 - 1e-6); // nothing lies below the optimum
      expect(svm.objective / objective).toBeLessThan(1 + 1e-3);
      const exact = trainLinearSvm(examples, { ...options, tolerance: 1e-9, maxPasses: 1_000_000 });
      expect(exact.objective / objective).toBeCloseTo(1, 5); // ours lies up to 7e-7 below LinearSVC's
      expect(exact.bias).toBeCloseTo(bias, 3);
      expect(norm(exact.weights)).toBeCloseTo(length, 3);
    },
    120_000,
  );
});

describe('trainLinearSvm', () => {
  const examples = examplesOf(golden.real);
  const score = ({ weights, bias }: { weights: Float32Array; bias: number }, i: number) =>
    weights.reduce((sum, weight, d) => sum + weight * examples.features[i * examples.dimensions + d]!, bias);

  test("defaults are R-CNN's: C .001, B 10, positives twice", () => {
    expect(trainLinearSvm(examples)).toEqual(
      trainLinearSvm(examples, {
        cost: 1e-3,
        biasMultiplier: 10,
        positiveWeight: 2,
        tolerance: 1e-3,
        maxPasses: 1000,
        seed: 0,
      }),
    );
    expect(trainLinearSvm(examples).objective / golden.real.cases[0]!.objective).toBeLessThan(1.001);
  });

  test('gives up after 1000 passes by default', () => {
    const { passes } = trainLinearSvm(examplesOf(golden.seeded), { cost: 1, tolerance: 1e-15 });
    expect(passes).toBe(1000);
  });

  test('the objective is that of the weights it gives', () => {
    const svm = trainLinearSvm(examples, { cost: 0.01, biasMultiplier: 5, positiveWeight: 3 });
    const losses = examples.labels.map(
      (label, i) => (label > 0 ? 3 : 1) * Math.max(0, 1 - label * score(svm, i)),
    );
    const squares = norm(svm.weights) ** 2 + (svm.bias / 5) ** 2;
    expect(svm.objective).toBeCloseTo(squares / 2 + 0.01 * losses.reduce((a, b) => a + b), 5);
  });

  // 1,000 passes are enough for the first three; the last ones are stopped on the way.
  test.each([
    [golden.real, { cost: 0.001, biasMultiplier: 10, positiveWeight: 2, tolerance: 1e-3 }, 1000],
    [golden.real, { cost: 0.01, biasMultiplier: 1, positiveWeight: 1, tolerance: 1e-9 }, 1000],
    [golden.seeded, { cost: 0.02, biasMultiplier: 3, positiveWeight: 5, tolerance: 1e-5 }, 1000],
    [golden.seeded, { cost: 1, biasMultiplier: 10, positiveWeight: 4, tolerance: 1e-4 }, 1],
    [golden.seeded, { cost: 1, biasMultiplier: 10, positiveWeight: 4, tolerance: 1e-4 }, 7],
    [golden.real, { cost: 1, biasMultiplier: 1, positiveWeight: 2, tolerance: 1e-4 }, 40],
  ])('goes the way of the paper’s Algorithm 3, pass for pass (%#)', (set, options, maxPasses) => {
    const own = examplesOf(set);
    const svm = trainLinearSvm(own, { ...options, maxPasses });
    const slow = slowSvm(own, options, maxPasses);
    expect(svm.passes).toBe(slow.passes);
    svm.weights.forEach((weight, d) => expect(weight).toBeCloseTo(slow.weights[d]!, 5));
    expect(svm.bias).toBeCloseTo(slow.bias, 6);
    expect(svm.objective).toBeCloseTo(slow.objective, 6);
  });

  test('an example is positive where its label is above 0', () => {
    const of = (labels: number[]) =>
      trainLinearSvm({ features: Float32Array.of(1, 2, 3), dimensions: 1, labels }, { cost: 1 });
    expect(of([0, 2, 0.5])).toEqual(of([-1, 1, 1]));
    expect(of([0, 2, 0.5])).not.toEqual(of([1, 1, 1]));
  });

  test('separates what can be separated; one seed gives the same machine, another takes another way', () => {
    const svm = trainLinearSvm(examples, { cost: 1, maxPasses: 10_000 });
    const hits = examples.labels.filter((label, i) => label * score(svm, i) > 0).length;
    expect(hits).toBe(examples.labels.length);
    const first = (seed: number) => trainLinearSvm(examples, { seed, maxPasses: 1 });
    expect(first(3)).toEqual(first(3));
    expect(first(3).weights).not.toEqual(first(4).weights);
    expect(first(3).passes).toBe(1);
  });

  test('one class alone: the bias says so', () => {
    const dimensions = 2;
    const features = Float32Array.of(1, 0, 0, 1, 1, 1);
    const negatives = trainLinearSvm({ features, dimensions, labels: [-1, -1, -1] }, { cost: 1 });
    expect(negatives.bias).toBeLessThan(-0.9);
    const none = trainLinearSvm({ features: new Float32Array(0), dimensions, labels: [] });
    expect([...none.weights, none.bias, none.objective]).toEqual([0, 0, 0, 0]);
  });

  test('errors', () => {
    const features = Float32Array.of(1, 2, 3, 4);
    const train =
      (values: Float32Array, options = {}) =>
      () =>
        trainLinearSvm({ features: values, dimensions: 2, labels: [1, -1] }, options);
    expect(train(features.subarray(1))).toThrow(
      'trainLinearSvm: features must be [N, D] = [2, 2], got 3 numbers',
    );
    for (const name of ['cost', 'biasMultiplier', 'positiveWeight', 'tolerance', 'maxPasses'])
      for (const value of [0, -1, NaN])
        expect(train(features, { [name]: value })).toThrow(`${name} must be positive, got ${value}`);
    for (const dimensions of [0, -1, 1.5])
      expect(() => trainLinearSvm({ features, dimensions, labels: [] })).toThrow(
        `[N, D] = [0, ${dimensions}], got 4`,
      );
    for (const dimensions of [0, -1, 1.5])
      expect(() => trainLinearSvm({ features: new Float32Array(0), dimensions, labels: [] })).toThrow(
        `[N, D] = [0, ${dimensions}], got 0`,
      );
    expect(train(Float32Array.of(1, 2, NaN, 4))).toThrow('features must be finite, got NaN in example 1');
    expect(train(Float32Array.of(Infinity, 2, 3, 4))).toThrow('got Infinity in example 0');
  });
});

test('FeatureNorm: the factor that makes the mean norm 20', () => {
  const norms = new FeatureNorm();
  expect(norms.scale()).toBe(1);
  norms.add(Float32Array.of(3, 4, 0, 6, 8, 0), 3);
  norms.add(Float32Array.of(0, 0, 30), 3);
  expect(norms.scale()).toBeCloseTo(20 / 15, 12);
  expect(norms.scale(3)).toBeCloseTo(3 / 15, 12);
});
