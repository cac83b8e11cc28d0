import { boxIou } from '@roikit/geometry';
import { describe, expect, test } from 'vitest';
import { postprocessDetections } from '../src';
import {
  boxOffsets,
  coder,
  columns,
  imageSize,
  predictions,
  proposals,
  regions,
  scores,
} from './regionPredictions';

/** One class at a time, as in fast-rcnn's test: threshold, sort, suppress, then the best over all classes. */
function naive(scoreThreshold: number, nmsThreshold: number, maxDetections: number) {
  const found: { score: number; label: number; box: Float32Array }[] = [];
  for (let label = 1; label < columns; label++) {
    const candidates = [];
    for (let r = 0; r < regions; r++) {
      const score = scores[r * columns + label]!;
      if (!(score > scoreThreshold)) continue;
      const offsets = boxOffsets.slice((r * columns + label) * 4, (r * columns + label) * 4 + 4);
      const box = coder.decode(offsets, proposals.slice(4 * r, 4 * r + 4));
      const limits = [imageSize.width, imageSize.height];
      candidates.push({ score, label, box: box.map((v, i) => Math.min(Math.max(v, 0), limits[i % 2]!)) });
    }
    candidates.sort((a, b) => b.score - a.score);
    const kept: typeof candidates = [];
    for (const candidate of candidates) {
      if (kept.every(({ box }) => boxIou(box, candidate.box)[0]! <= nmsThreshold)) kept.push(candidate);
    }
    found.push(...kept);
  }
  return found.sort((a, b) => b.score - a.score).slice(0, maxDetections);
}

/** As many regions that do not overlap. */
function grid() {
  return Float32Array.from({ length: 4 * regions }, (_, i) => {
    const [column, row] = [(i >> 2) % 10, Math.floor((i >> 2) / 10)];
    return [10 * column, 8 * row, 10 * column + 9, 8 * row + 7][i % 4]!;
  });
}

describe('postprocessDetections', () => {
  test.each([
    [0.05, 0.3, 100],
    [0.3, 0.5, 100],
    [0.001, 0.3, 7],
  ])(
    'agrees with the loop over classes: score %f, NMS %f, best %i',
    (scoreThreshold, nmsThreshold, maxDetections) => {
      const expected = naive(scoreThreshold, nmsThreshold, maxDetections);
      const got = postprocessDetections(predictions, { coder, scoreThreshold, nmsThreshold, maxDetections });
      expect(Array.from(got.scores)).toEqual(expected.map(({ score }) => score));
      expect(Array.from(got.labels)).toEqual(expected.map(({ label }) => label));
      expect(got.boxes).toEqual(Float32Array.from(expected.flatMap(({ box }) => Array.from(box))));
    },
  );

  test('defaults: scores above .05, NMS at .3, the best 100', () => {
    const wide = { ...predictions, scores: scores.map((score) => score / 4) };
    const same = (options: object) => postprocessDetections(wide, { coder, ...options });
    const expected = same({ scoreThreshold: 0.05, nmsThreshold: 0.3, maxDetections: 100 });
    expect(same({})).toEqual(expected);
    // Each of the three matters here.
    for (const other of [{ scoreThreshold: 0.04 }, { nmsThreshold: 0.25 }]) {
      expect(same(other)).not.toEqual(expected);
    }
    const apart = {
      scores: scores.map(() => 1),
      boxOffsets: boxOffsets.map(() => 0),
      proposals: grid(),
      imageSize,
    };
    expect(postprocessDetections(apart, { coder, maxDetections: Infinity }).scores.length).toBe(180);
    expect(postprocessDetections(apart, { coder }).scores.length).toBe(100);
  });

  test('maxPerClass: what NMS sees of a class is its best', () => {
    const options = {
      coder,
      scoreThreshold: 0.01,
      maxPerClass: 5,
      nmsThreshold: 0.3,
      maxDetections: Infinity,
    };
    const got = postprocessDetections(predictions, options);
    const limited = scores.slice();
    for (let label = 1; label < columns; label++) {
      const own = Array.from({ length: regions }, (_, r) => r * columns + label);
      own
        .toSorted((a, b) => scores[b]! - scores[a]!)
        .slice(5)
        .forEach((pair) => (limited[pair] = 0));
    }
    const expected = postprocessDetections(
      { ...predictions, scores: limited },
      { ...options, maxPerClass: Infinity },
    );
    expect(got).toEqual(expected);
    expect(got.scores.length).toBeLessThan(
      postprocessDetections(predictions, { ...options, maxPerClass: Infinity }).scores.length,
    );
  });

  test.each([undefined, { method: 'gaussian' as const }])(
    'boxVoting: the same detections, each at the mean of the candidates of its class around it (%j)',
    (softNms) => {
      const options = { coder, scoreThreshold: 0.1, nmsThreshold: 0.4, softNms };
      const plain = postprocessDetections(predictions, options);
      const voted = postprocessDetections(predictions, { ...options, boxVoting: { iouThreshold: 0.6 } });
      expect(voted.scores).toEqual(plain.scores);
      expect(voted.labels).toEqual(plain.labels);
      expect(voted.boxes).not.toEqual(plain.boxes);
      const everything = { ...options, softNms: undefined, nmsThreshold: 1, maxDetections: Infinity };
      const candidates = postprocessDetections(predictions, everything);
      const own = Array.from(candidates.labels.keys());
      plain.labels.forEach((label, k) => {
        const box = plain.boxes.subarray(4 * k, 4 * k + 4);
        const voters = own.filter(
          (i) =>
            candidates.labels[i] === label &&
            boxIou(box, candidates.boxes.subarray(4 * i, 4 * i + 4))[0]! >= 0.6,
        );
        const votes = voters.reduce((sum, i) => sum + candidates.scores[i]!, 0);
        for (let c = 0; c < 4; c++) {
          const mean = voters.reduce(
            (sum, i) => sum + candidates.scores[i]! * candidates.boxes[4 * i + c]!,
            0,
          );
          expect(voted.boxes[4 * k + c]).toBeCloseTo(mean / votes, 4);
        }
      });
    },
  );

  test('by default NMS sees all of a class', () => {
    const count = 150;
    const got = postprocessDetections(
      {
        scores: Float32Array.from({ length: 2 * count }, (_, i) => i % 2),
        boxOffsets: new Float32Array(8 * count),
        proposals: Float32Array.from({ length: 4 * count }, (_, i) => 10 * (i >> 2) + [0, 3, 9, 60][i % 4]!),
        imageSize: { width: 2000, height: 1600 },
      },
      { coder, maxDetections: Infinity },
    );
    expect(got.scores.length).toBe(count);
  });

  test('a score at the threshold is no detection (torchvision and fast-rcnn compare with >)', () => {
    const single = {
      scores: Float32Array.of(0.5, 0.25, 0.5, 0.5),
      boxOffsets: new Float32Array(16),
      proposals: Float32Array.of(10, 20, 40, 60),
      imageSize,
    };
    const { labels } = postprocessDetections(single, { coder, scoreThreshold: 0.25 });
    expect(Array.from(labels)).toEqual([2, 3]);
    // In float32, as torch compares: the score nearest to .05 is above .05 by 7e-10.
    const nearest = { ...single, scores: Float32Array.of(0, 0.05, 0.0500001, 0) };
    expect(Array.from(postprocessDetections(nearest, { coder, scoreThreshold: 0.05 }).labels)).toEqual([2]);
  });

  test('what is not a number is named, and not passed over as if nothing had been found', () => {
    const with1 = (values: Float32Array, at: number) => values.map((value, i) => (i === at ? NaN : value));
    const last = scores.length - 1;
    expect(() => postprocessDetections({ ...predictions, scores: with1(scores, last) }, { coder })).toThrow(
      `postprocessDetections: scores must be numbers, got NaN for class 3 of region ${regions - 1}`,
    );
    const certain = scores.map(() => 1);
    expect(() =>
      postprocessDetections(
        { ...predictions, scores: certain, boxOffsets: with1(boxOffsets, 4 * (columns + 2) + 1) },
        { coder },
      ),
    ).toThrow('postprocessDetections: boxOffsets must be numbers, got NaN for class 2 of region 1');
    // The background's are never read.
    const background = { ...predictions, boxOffsets: with1(boxOffsets, 4 * columns + 1) };
    expect(postprocessDetections(background, { coder })).toEqual(
      postprocessDetections(predictions, { coder }),
    );
  });

  test('no region, no detection', () => {
    const none = new Float32Array(0);
    const got = postprocessDetections(
      { scores: none, boxOffsets: none, proposals: none, imageSize },
      { coder },
    );
    expect([got.boxes.length, got.scores.length, got.labels.length]).toEqual([0, 0, 0]);
  });
});
