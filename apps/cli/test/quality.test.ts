import { evaluateVoc, mulberry32, proposalRecall, type Detections, type GroundTruth } from '@roikit/geometry';
import { describe, expect, test } from 'vitest';
import { calibration } from '../src/report/calibration';
import type { ReportModel } from '../src/report/model';
import { recallOfProposals } from '../src/report/proposalRecall';
import { PROPOSAL_IOUS, proposalRanks } from '../src/evaluation/proposalRanks';
import { toCsv, toResults } from '../src/report/results';

/** Boxes that overlap often, of two classes. */
function randomObjects(random: () => number, count: number): GroundTruth {
  const list = Array.from({ length: count }, () => {
    const [x, y] = [Math.floor(random() * 5) * 5, Math.floor(random() * 3) * 5];
    return [x, y, x + 10 + Math.floor(random() * 9), y + 10 + Math.floor(random() * 4)];
  });
  return {
    boxes: Float32Array.from(list.flat()),
    labels: Int32Array.from(list, () => 1 + Math.floor(random() * 2)),
  };
}

describe('calibration', () => {
  const random = mulberry32(7);
  const truth = randomObjects(random, 9);
  const others = randomObjects(random, 60);
  const detections: Detections = { ...others, scores: Float32Array.from(others.labels, () => random()) };

  test('right and wrong detections of all tenths together are those that VOC counts', () => {
    const { perClass } = evaluateVoc([truth], [detections], { numClasses: 2 });
    const bins = calibration([{ truth, detections }]);
    const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
    const right = sum(bins.map(({ precision, count }) => precision * count));
    expect(right).toBeCloseTo(sum(perClass.map(({ truePositives }) => truePositives)), 8);
    const wrong = sum(bins.map(({ precision, count }) => (1 - precision) * count));
    expect(wrong).toBeCloseTo(sum(perClass.map(({ falsePositives }) => falsePositives)), 8);
  });

  test('a tenth holds the scores in it, 1 the last; a tenth without any is left out', () => {
    const one = { boxes: Float32Array.of(0, 0, 10, 20), labels: Int32Array.of(1) };
    const found = (...scores: number[]): Detections => ({
      boxes: Float32Array.from(scores.flatMap(() => [0, 0, 10, 20])),
      scores: Float32Array.from(scores),
      labels: Int32Array.from(scores, () => 1),
    });
    // The best of each picture is right, a second on the same object wrong.
    const bins = calibration([
      { truth: one, detections: found(1, 0.25) },
      { truth: one, detections: found(0.9375) },
      { truth: { ...one, difficult: Uint8Array.of(1) }, detections: found(0.5) },
    ]);
    expect(bins).toEqual([
      { score: 0.25, precision: 0, count: 1 },
      { score: 0.96875, precision: 1, count: 2 },
    ]);
  });
});

describe('recall of proposals', () => {
  test('is that of proposalRecall at every number', () => {
    const random = mulberry32(3);
    const images = Array.from({ length: 6 }, (_, i) => {
      const truth = randomObjects(random, 5);
      if (i === 2) truth.difficult = Uint8Array.of(1, 0, 1, 0, 0);
      return { truth, proposals: randomObjects(random, 40).boxes };
    });
    const recall = recallOfProposals(
      images.map(({ truth, proposals }) => ({ ranks: proposalRanks(truth, proposals), proposals: 40 })),
    )!;
    expect(recall.counts).toEqual([1, 2, 5, 10, 20, 40]);
    const [truths, proposals] = [images.map(({ truth }) => truth), images.map((image) => image.proposals)];
    for (const [k, maxProposals] of recall.counts.entries()) {
      const options = { iouThresholds: [...PROPOSAL_IOUS], maxProposals };
      const expected = [...proposalRecall(truths, proposals, options)];
      expect(recall.curves.map((curve) => curve.recall[k])).toEqual(expected);
    }
    expect(recall.curves[0]!.recall[1]).toBeGreaterThan(recall.curves[1]!.recall[1]!);
  });

  test('nothing annotated, nothing to tell', () => {
    expect(recallOfProposals([{ ranks: [[], []], proposals: 5 }])).toBeUndefined();
  });
});

test('results: null or an empty cell where nothing can be measured; names quoted as CSV has it', () => {
  const row = { truths: 1, detections: 2, shown: 1, curve: { recall: [], precision: [] } };
  const model: ReportModel = {
    title: 't',
    subtitle: '',
    created: '',
    images: 3,
    skipped: 0,
    ap50: 0.75,
    classes: [
      { ...row, name: 'a, "b"', ap50: 0.75, ap: 0.5 },
      { ...row, name: 'none', ap50: Number.NaN, ap: -1 },
    ],
    coco: [
      { name: 'AP', meaning: '', value: 0.5 },
      { name: 'APl', meaning: '', value: -1 },
    ],
    timings: { head: 2 },
    details: [],
    config: {},
  };
  expect(toCsv(model).split('\r\n')).toEqual([
    'class,annotated,detections,AP50,AP',
    '"a, ""b""",1,2,0.75,0.5',
    'none,1,2,,',
    'all,2,4,0.75,0.5',
    '',
  ]);
  expect(toResults(model)).toMatchObject({
    images: 3,
    ap50: 0.75,
    coco: { AP: 0.5, APl: null },
    classes: [
      { name: 'a, "b"', annotated: 1, ap50: 0.75 },
      { name: 'none', ap50: null, ap: null },
    ],
  });
});
