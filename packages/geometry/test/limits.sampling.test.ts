import { describe, expect, test } from 'vitest';
import { BalancedPositiveNegativeSampler, Matcher, mulberry32 } from '../src';

// What each default is, and on which side of each limit the limit itself lies. No box is square, no two axes alike.

describe('Matcher', () => {
  const matches = (quality: number[], options: object, numGroundTruth = 1) =>
    Array.from(
      new Matcher({ highThreshold: 0.7, lowThreshold: 0.3, ...options }).match(Float32Array.from(quality), {
        numGroundTruth,
        numPredictions: quality.length / numGroundTruth,
      }),
    );

  test('both thresholds belong to the range above them, as float32', () => {
    expect(matches([0.29, 0.3, 0.5, 0.69, 0.7, 1, 0], {})).toEqual([-1, -2, -2, -2, 0, 0, -1]);
    expect([Matcher.BELOW_LOW_THRESHOLD, Matcher.BETWEEN_THRESHOLDS]).toEqual([-1, -2]);
    expect(matches([0.5, 0.49], { highThreshold: 0.5, lowThreshold: 0.5 })).toEqual([0, -1]);
  });

  test('low quality is left alone by default; asked for, every best box of a truth is matched with its own best', () => {
    const quality = [0.1, 0.4, 0.4, 0.2, /**/ 0.6, 0.5, 0.35, 0.2];
    expect(matches(quality, {}, 2)).toEqual([-2, -2, -2, -1]);
    expect(matches(quality, { allowLowQualityMatches: true }, 2)).toEqual([1, 1, 0, -1]);
  });

  test('of equal truths the first', () => {
    expect(matches([0.8, 0.9, /**/ 0.8, 0.95, /**/ 0.8, 0.95], {}, 3)).toEqual([0, 1]);
  });
});

describe('BalancedPositiveNegativeSampler', () => {
  const labels = Int32Array.of(2, 0, 1, -1, 0, 1, -2, 0, 1, 0);
  const draw = (batchSizePerImage: number, positiveFraction: number, random = () => 0) => {
    const sampler = new BalancedPositiveNegativeSampler({ batchSizePerImage, positiveFraction });
    const { positive, negative } = sampler.sample(labels, random);
    return [Array.from(positive), Array.from(negative)];
  };

  test('the share of positives is rounded down', () => {
    expect(draw(7, 0.5).map(({ length }) => length)).toEqual([3, 4]);
    expect(draw(3, 0.3).map(({ length }) => length)).toEqual([0, 3]);
    expect(draw(3, 0)).toEqual([[], [1, 4, 7]]);
    expect(draw(3, 1)).toEqual([[0, 2, 5], []]);
  });

  test('a random number just below 1 draws the last ones', () => {
    // each draw swaps the last one to the front
    expect(draw(4, 0.5, () => 1 - 2 ** -32)).toEqual([[0, 8], [1, 9]]); // prettier-ignore
  });

  test('a negative number of boxes is refused', () => {
    expect(() => draw(-1, 0.5)).toThrow('batchSizePerImage must be a whole number, got -1');
    expect(() => draw(1, -0.1)).toThrow('positiveFraction must be in [0, 1], got -0.1');
  });
});

describe('mulberry32', () => {
  test('only the lower 32 bits of a seed and a state matter', () => {
    expect(mulberry32(2 ** 32 + 5)()).toBe(mulberry32(5)());
    expect(mulberry32(-1)()).toBe(mulberry32(2 ** 32 - 1)());
    expect(mulberry32(-1).state).toBe(2 ** 32 - 1);
    expect(Object.keys(mulberry32(1))).toEqual(['state']);
    for (const seed of [NaN, 2 ** 60]) expect(() => mulberry32(seed)).toThrow(`got ${seed}`);
  });
});
