import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { evaluateCoco, type Detections, type GroundTruth } from '../src';
import { differingAt } from './naive';

interface Golden {
  name: string;
  numClasses: number;
  truths: { box: number[][][]; label: number[][]; crowd: number[][]; area: number[][] };
  detections: { box: number[][][]; label: number[][]; score: number[][] };
  stats: Record<string, number>;
  counts: number[];
  precision: number[];
  recall: number[];
  scores: number[];
}

const golden = JSON.parse(readFileSync(new URL('goldens/coco.json', import.meta.url), 'utf8')) as {
  cases: Golden[];
};

const truthsOf = ({ truths }: Golden): GroundTruth[] =>
  truths.box.map((boxes, i) => ({
    boxes: Float32Array.from(boxes.flat()),
    labels: Int32Array.from(truths.label[i]!),
    crowd: Uint8Array.from(truths.crowd[i]!),
    area: Float32Array.from(truths.area[i]!),
  }));

const detectionsOf = ({ detections }: Golden): Detections[] =>
  detections.box.map((boxes, i) => ({
    boxes: Float32Array.from(boxes.flat()),
    scores: Float32Array.from(detections.score[i]!),
    labels: Int32Array.from(detections.label[i]!),
  }));

/** [value, length, value, length …] → values */
const unroll = (runs: number[]): number[] =>
  runs.flatMap((value, i) => (i % 2 === 0 ? Array.from({ length: runs[i + 1]! }, () => value) : []));

/** [T, R, K, A, M] → [T, K, A, M, R] */
function recallLast(table: Float64Array, [T, R, ...rest]: number[]): number[] {
  const stride = rest.reduce((a, b) => a * b, 1);
  const out: number[] = [];
  for (let t = 0; t < T!; t++) {
    for (let c = 0; c < stride; c++) for (let r = 0; r < R!; r++) out.push(table[(t * R! + r) * stride + c]!);
  }
  return out;
}

describe('evaluateCoco equals pycocotools', () => {
  test.each(golden.cases)('$name', (golden) => {
    const result = evaluateCoco(truthsOf(golden), detectionsOf(golden), { numClasses: golden.numClasses });
    expect(result.counts).toEqual(golden.counts);
    expect(differingAt(result.recall, unroll(golden.recall)), 'recall').toBe(-1);
    expect(
      differingAt(recallLast(result.precision, golden.counts), unroll(golden.precision)),
      'precision',
    ).toBe(-1);
    expect(differingAt(recallLast(result.scores, golden.counts), unroll(golden.scores)), 'scores').toBe(-1);
    const differing = Object.entries(golden.stats).filter(
      ([name, value]) => !(Math.abs(result.stats[name as 'AP'] - value) < 1e-9),
    );
    expect(differing).toEqual([]);
  });
});
