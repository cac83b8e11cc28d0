import { mulberry32 } from '@roikit/geometry';
import { describe, expect, test } from 'vitest';
import { HardNegativeMiner, trainLinearSvm, type HardNegativeMinerOptions } from '../src';

const dimensions = 5;
const random = mulberry32(1);
const cloud = (count: number, center: number) =>
  Float32Array.from(
    { length: count * dimensions },
    (_, i) => (i % dimensions === 0 ? center : 0) + 3 * (random() + random() - 1),
  );

const positives = cloud(30, 2);
const images = Array.from({ length: 40 }, (_, i) => ({
  features: cloud(25 + i, -2),
  overlaps: Float32Array.from({ length: 25 + i }, () => random() * 0.5),
}));

/** The rule of rcnn_train written out, over plain lists. */
function naive(options: HardNegativeMinerOptions) {
  const { negativeIou = 0.3, hardThreshold = -1.0001, evictThreshold = -1.2, retrainAfter = 2000 } = options;
  const scale = options.featureScale ?? 1;
  const rows = (values: Float32Array) =>
    Array.from({ length: values.length / dimensions }, (_, i) =>
      Array.from(values.subarray(i * dimensions, (i + 1) * dimensions), (v) => Math.fround(scale * v)),
    );
  const scoreOf = (svm: { weights: Float32Array; bias: number }, row: number[]) =>
    row.reduce((sum, value, d) => sum + value * svm.weights[d]!, svm.bias);
  const own = rows(positives);
  let cache: number[][] = [];
  let [added, trainings] = [0, 0];
  let svm: { weights: Float32Array; bias: number } = { weights: new Float32Array(dimensions), bias: 0 };
  const train = () => {
    const features = Float32Array.from([...own, ...cache].flat());
    const labels = [...own.map(() => 1), ...cache.map(() => -1)];
    svm = trainLinearSvm(
      { features, dimensions, labels },
      { ...options, seed: (options.seed ?? 0) + trainings },
    );
    cache = cache.filter((row) => scoreOf(svm, row) >= evictThreshold);
    trainings++;
    added = 0;
  };
  const sizes = images.map(({ features, overlaps }) => {
    const hard = rows(features).filter(
      (row, r) => overlaps[r]! < negativeIou && scoreOf(svm, row) > hardThreshold,
    );
    cache.push(...hard);
    added += hard.length;
    if (trainings === 0 || added > retrainAfter) train();
    return cache.length;
  });
  if (added > 0) train();
  return { svm, sizes, trainings };
}

function mine(options: HardNegativeMinerOptions) {
  const miner = new HardNegativeMiner(positives, options);
  const sizes = images.map(({ features, overlaps }) => {
    miner.add(features, overlaps);
    return miner.negatives;
  });
  return { miner, sizes, svm: miner.finish() };
}

describe('HardNegativeMiner', () => {
  test.each([
    { dimensions, retrainAfter: 60 },
    {
      dimensions,
      retrainAfter: 20,
      cost: 0.1,
      evictThreshold: -1.1,
      hardThreshold: -0.9,
      negativeIou: 0.2,
      seed: 7,
    },
    { dimensions },
    { dimensions, retrainAfter: 50, featureScale: 0.25, cost: 1 },
  ])("follows R-CNN's rule: %o", (options) => {
    const expected = naive(options);
    const { miner, sizes, svm } = mine(options);
    expect(sizes).toEqual(expected.sizes);
    expect(miner.trainings).toBe(expected.trainings);
    expect(svm.bias).toBeCloseTo(expected.svm.bias, 5);
    const scale = ('featureScale' in options && options.featureScale) || 1;
    svm.weights.forEach((weight, d) => expect(weight).toBeCloseTo(expected.svm.weights[d]! * scale, 5));
  });

  test("defaults are R-CNN's", () => {
    const sizes = (options: object) => mine({ dimensions, cost: 0.1, retrainAfter: 25, ...options }).sizes;
    const explicit = { negativeIou: 0.3, hardThreshold: -1.0001, evictThreshold: -1.2, featureScale: 1 };
    expect(sizes({})).toEqual(sizes(explicit));
    const none = { negativeIou: undefined, hardThreshold: undefined, evictThreshold: undefined };
    expect(sizes({ ...none, featureScale: undefined, maxNegatives: undefined })).toEqual(sizes(explicit));
    for (const other of [{ hardThreshold: -0.9 }, { evictThreshold: -1.1 }, { negativeIou: 0.25 }]) {
      expect(sizes({ ...explicit, ...other })).not.toEqual(sizes(explicit));
    }
  });

  test('trains at the first negatives, then after more than 2000; keeps 20000', () => {
    const miner = new HardNegativeMiner(Float32Array.of(1), { dimensions: 1, cost: 1e-9 }); // all stay in the margin
    const addMany = (count: number) => miner.add(new Float32Array(count).fill(-1), new Float32Array(count));
    expect(miner.trainings).toBe(0);
    addMany(3);
    expect(miner.trainings).toBe(1);
    addMany(2000);
    expect([miner.trainings, miner.negatives]).toEqual([1, 2003]);
    addMany(1);
    expect([miner.trainings, miner.negatives]).toEqual([2, 2004]);
    addMany(18_000);
    expect([miner.trainings, miner.negatives]).toEqual([3, 20_000]);
  });

  test('an IoU of negativeIou is no negative', () => {
    const miner = new HardNegativeMiner(positives, { dimensions });
    miner.add(cloud(2, -2), [0.3, 0.31]);
    expect([miner.negatives, miner.trainings]).toEqual([0, 0]); // there is nothing to train against
    miner.add(cloud(3, -2), [0.3, 0.29, 0.31]);
    expect(miner.negatives).toBe(1);
  });

  test('never holds more than maxNegatives, and keeps the hardest', () => {
    const options = { dimensions, cost: 1e-3, maxNegatives: 50, retrainAfter: 100 };
    const { sizes, miner } = mine(options);
    expect(Math.max(...sizes)).toBe(50);
    const before = new HardNegativeMiner(positives, { ...options, maxNegatives: 1000 });
    before.add(
      images[39]!.features,
      images[39]!.overlaps.map(() => 0),
    );
    const after = new HardNegativeMiner(positives, { ...options, maxNegatives: 10 });
    after.add(
      images[39]!.features,
      images[39]!.overlaps.map(() => 0),
    );
    const scores = (m: HardNegativeMiner) => {
      const { examples } = m.state();
      return Array.from({ length: m.negatives }, (_, i) =>
        m.svm.weights.reduce((sum, w, d) => sum + w * examples[(30 + i) * dimensions + d]!, 0),
      );
    };
    const hardest = scores(before)
      .toSorted((a, b) => b - a)
      .slice(0, 10);
    expect(scores(after).toSorted((a, b) => b - a)).toEqual(hardest);
    expect(miner.state().examples.length).toBeLessThanOrEqual((30 + 50) * dimensions);
  });

  test('a run stopped at any image and restored is the run that was not', () => {
    const options = { dimensions, cost: 0.1, retrainAfter: 30, featureScale: 0.5 };
    const expected = mine(options);
    for (const stop of [0, 1, 7, 23, 40]) {
      let miner = new HardNegativeMiner(positives, options);
      images.forEach(({ features, overlaps }, i) => {
        if (i === stop) miner = HardNegativeMiner.restore(structuredClone(miner.state()), options);
        miner.add(features, overlaps);
      });
      if (stop === 40) miner = HardNegativeMiner.restore(miner.state(), options);
      expect(miner.finish()).toEqual(expected.svm);
    }
  });

  test('finish trains nothing twice; without any example the machine is of zeros', () => {
    const { miner, svm } = mine({ dimensions });
    const { trainings } = miner;
    expect(miner.finish()).toEqual(svm);
    expect(miner.trainings).toBe(trainings);
    const none = new HardNegativeMiner(new Float32Array(0), { dimensions }).finish();
    expect(none).toEqual({ weights: new Float32Array(5), bias: 0, objective: 0, passes: 0 });
    const labels = new Int8Array(30).fill(1);
    const alone = trainLinearSvm({ features: positives, dimensions, labels }, { cost: 1 });
    expect(new HardNegativeMiner(positives, { dimensions, cost: 1 }).finish()).toEqual(alone);
  });

  test('errors name what does not fit', () => {
    expect(() => new HardNegativeMiner(new Float32Array(7), { dimensions })).toThrow(
      'rows of 5, got 7 numbers',
    );
    const miner = new HardNegativeMiner(positives, { dimensions });
    expect(() => miner.add(new Float32Array(10), [0])).toThrow('[R, D] = [1, 5], got 10 numbers');
    expect(() => HardNegativeMiner.restore(miner.state(), { dimensions: 6 })).toThrow(
      'of 6 dimensions, got 5',
    );
    const cut = { ...miner.state(), examples: new Float32Array(7) };
    expect(() => HardNegativeMiner.restore(cut, { dimensions })).toThrow('HardNegativeMiner.restore: state');
  });
});
