import { flipBoxes } from '@roikit/datasets';
import { boxIou, mulberry32 } from '@roikit/geometry';
import { beforeAll, describe, expect, test } from 'vitest';
import { boxTargetStatistics, normalizedTargets } from '../src/training/boxTargets';
import { useTestEngine } from '../../engine/test/testEngine';
import { coder, type Picture, tableOf } from './sampleTables';

beforeAll(useTestEngine);
const size = { width: 90, height: 60 };

function randomPicture(seed: number): Picture {
  const random = mulberry32(seed);
  const box = () => {
    const [x, y] = [random() * 50, random() * 30];
    return [x, y, x + 10 + random() * 30, y + 8 + random() * 20];
  };
  const objects = Array.from({ length: 3 }, box);
  const near = Array.from({ length: 80 }, (_, i) => objects[i % 3]!.map((side) => side + random() * 6));
  return {
    proposals: Float32Array.from(near.flat()),
    // classes 1 and 3 of three: none is of class 2
    truth: { boxes: Float32Array.from(objects.flat()), labels: Int32Array.of(1, 3, 1) },
  };
}

/** Every offset of every class, one region after the other. */
function slowTargets(pictures: Picture[]): { label: number; offsets: number[] }[] {
  return pictures.flatMap(({ proposals, truth }) => {
    const boxes = Float32Array.from([...proposals, ...truth.boxes]);
    return Array.from({ length: boxes.length / 4 }, (_, r) => {
      const box = boxes.slice(4 * r, 4 * r + 4);
      const overlaps = [...boxIou(truth.boxes, box)];
      const best = overlaps.indexOf(Math.max(...overlaps));
      const offsets = [...coder.encode(truth.boxes.slice(4 * best, 4 * best + 4), box)];
      return { label: overlaps[best]! >= 0.5 ? truth.labels[best]! : 0, offsets };
    });
  });
}

function slowMoments(values: number[]): [mean: number, std: number] {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return [mean, Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)];
}

describe('statistics of box targets', () => {
  const pictures = [randomPicture(1), randomPicture(2), randomPicture(3)];
  const mirrored = pictures.map(({ proposals, truth }) => ({
    proposals: flipBoxes(proposals, size, { axis: 'horizontal' }),
    truth: { ...truth, boxes: flipBoxes(truth.boxes, size, { axis: 'horizontal' }) },
  }));
  const options = { numClasses: 3, coder };

  test.each(['perClass', 'allClasses'] as const)(
    '%s: as counted one by one, over pictures and their mirror images',
    (normalize) => {
      const { mean, std } = boxTargetStatistics(tableOf(pictures), { ...options, normalize });
      const all = slowTargets([...pictures, ...mirrored]);
      for (const label of [1, 3]) {
        for (let k = 0; k < 4; k++) {
          const own = all.filter((one) => (normalize === 'perClass' ? one.label === label : one.label > 0));
          const [expectedMean, expectedStd] = slowMoments(own.map(({ offsets }) => offsets[k]!));
          expect(mean[4 * label + k]).toBeCloseTo(expectedMean, 4);
          expect(std[4 * label + k]).toBeCloseTo(expectedStd, 4);
        }
      }
      expect([...mean.subarray(0, 4), ...std.subarray(0, 4)]).toEqual([0, 0, 0, 0, 1, 1, 1, 1]);
    },
  );

  test('without mirror images horizontal offsets keep their mean; a class that nobody shows is left alone', () => {
    const { mean, std } = boxTargetStatistics(tableOf(pictures), {
      ...options,
      normalize: 'perClass',
      augment: { horizontalFlip: 0 },
    });
    const own = slowTargets(pictures).filter(({ label }) => label === 3);
    const [expected] = slowMoments(own.map(({ offsets }) => offsets[0]!));
    expect(Math.abs(expected)).toBeGreaterThan(0.1);
    expect(mean[12]).toBeCloseTo(expected, 4);
    expect([...mean.subarray(8, 12), ...std.subarray(8, 12)]).toEqual([0, 0, 0, 0, 1, 1, 1, 1]);
  });

  test('normalised with them, targets have zero mean and unit variance in each class', () => {
    const augment = { horizontalFlip: 0 };
    const statistics = boxTargetStatistics(tableOf(pictures), { ...options, normalize: 'perClass', augment });
    const all = slowTargets(pictures);
    const { boxTargets } = normalizedTargets(
      {
        labels: Int32Array.from(all, ({ label }) => label),
        boxTargets: Float32Array.from(
          all.flatMap(({ label, offsets }) => (label > 0 ? offsets : [0, 0, 0, 0])),
        ),
      },
      statistics,
    );
    for (const label of [0, 1, 3]) {
      for (let k = 0; k < 4; k++) {
        const values = all.flatMap((one, r) => (one.label === label ? [boxTargets[4 * r + k]!] : []));
        const [mean, std] = slowMoments(values);
        expect(mean).toBeCloseTo(0, 4);
        expect(std).toBeCloseTo(label === 0 ? 0 : 1, 4);
      }
    }
  });
});
