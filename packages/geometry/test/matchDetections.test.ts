import { describe, expect, test } from 'vitest';
import {
  confusionMatrix,
  evaluateCoco,
  evaluateVoc,
  FALSE_POSITIVE,
  IGNORED,
  matchDetections,
  TRUE_POSITIVE,
  type Detections,
  type GroundTruth,
} from '../src';

const truth = (boxes: number[][], labels: number[], marks: Partial<GroundTruth> = {}): GroundTruth => ({
  boxes: Float32Array.from(boxes.flat()),
  labels: Int32Array.from(labels),
  ...marks,
});
const found = (boxes: number[][], labels: number[], scores: number[]): Detections => ({
  boxes: Float32Array.from(boxes.flat()),
  labels: Int32Array.from(labels),
  scores: Float32Array.from(scores),
});

/** A person, and beside it a crowd of people: wide and low, so that a swapped axis shows. */
const person = [0, 0, 20, 40];
const crowd = [30, 5, 130, 35];
const scene = truth([person, crowd], [1, 1], { crowd: Uint8Array.of(0, 1) });
/** The person, and three people of the crowd: IoU with it at most 1/6, all but a third of the last inside. */
const people = found(
  [person, [30, 5, 45, 35], [50, 5, 65, 35], [120, 5, 135, 35]],
  [1, 1, 1, 1],
  [0.6, 0.9, 0.8, 0.7],
);

describe('crowds', () => {
  test('explain the detections inside them, as in COCO: neither true nor false, however many', () => {
    expect(Array.from(matchDetections(scene, people).outcomes)).toEqual([
      TRUE_POSITIVE,
      IGNORED,
      IGNORED,
      IGNORED,
    ]);
    expect(Array.from(matchDetections(scene, people).truths)).toEqual([0, 1, 1, 1]);
  });

  test("AP50 does not count them as misses, and equals COCO's", () => {
    const { mAP, perClass } = evaluateVoc([scene], [people]);
    expect(perClass[0]).toMatchObject({ numTruths: 1, truePositives: 1, falsePositives: 0 });
    expect(mAP).toBe(1);
    expect(evaluateCoco([scene], [people]).stats.AP50).toBeCloseTo(1, 12);
  });

  test('the share of the detection inside is what counts, by the same threshold', () => {
    const half = found([[120, 5, 140, 35]], [1], [1]);
    expect(Array.from(matchDetections(scene, half).outcomes)).toEqual([IGNORED]);
    expect(Array.from(matchDetections(scene, half, { match: '>' }).outcomes)).toEqual([FALSE_POSITIVE]);
    expect(Array.from(matchDetections(scene, half, { iouThreshold: 0.6 }).outcomes)).toEqual([
      FALSE_POSITIVE,
    ]);
  });

  test('explain only what would else be false', () => {
    // a person inside the crowd's box, found twice
    const inside = truth([[40, 5, 55, 35], crowd], [1, 1], { crowd: Uint8Array.of(0, 1) });
    const twice = found([[40, 6, 55, 35], [40, 5, 55, 34], [40, 5, 55, 35]], [1, 1, 2], [0.7, 0.9, 0.8]); // prettier-ignore
    const { outcomes, truths } = matchDetections(inside, twice);
    expect(Array.from(outcomes)).toEqual([IGNORED, TRUE_POSITIVE, FALSE_POSITIVE]);
    expect(Array.from(truths)).toEqual([1, 0, -1]);
  });

  test('are no mistakes in a confusion matrix either', () => {
    expect(Array.from(confusionMatrix([scene], [people]).matrix)).toEqual([0, 0, 0, 1]);
  });
});

describe('truths', () => {
  const other = [0, 10, 20, 50];

  test('a detection belongs to the truth of its class that it overlaps most, taken or not (VOC)', () => {
    const two = truth([person, other], [1, 1]);
    // both nearer to `person`; the second overlaps `other` by .5 as well
    const both = found([[0, 0, 20, 40], [0, 1, 20, 40]], [1, 1], [0.5, 0.9]); // prettier-ignore
    const { outcomes, truths } = matchDetections(two, both, { iouThreshold: 0.4 });
    expect(Array.from(outcomes)).toEqual([FALSE_POSITIVE, TRUE_POSITIVE]);
    expect(Array.from(truths)).toEqual([-1, 0]);
  });

  test('equal scores go by the lower index, equal overlaps to the lower truth', () => {
    const same = truth([person, person], [1, 1]);
    const { truths } = matchDetections(same, found([person, person], [1, 1], [0.5, 0.5]));
    expect(Array.from(truths)).toEqual([0, -1]);
  });

  test('difficult ones take any number of detections', () => {
    const hard = truth([person, other], [1, 2], { difficult: Uint8Array.of(1, 0) });
    const { outcomes, truths } = matchDetections(hard, found([person, person], [1, 1], [0.5, 0.5]));
    expect(Array.from(outcomes)).toEqual([IGNORED, IGNORED]);
    expect(Array.from(truths)).toEqual([0, 0]);
  });

  test('the threshold is .5 and reached by an equal overlap, unless asked otherwise', () => {
    const half = found([[0, 0, 20, 20]], [1], [1]);
    const below = found([[0, 0, 20, 19]], [1], [1]);
    const one = truth([person], [1]);
    expect(Array.from(matchDetections(one, half).outcomes)).toEqual([TRUE_POSITIVE]);
    expect(Array.from(matchDetections(one, below).outcomes)).toEqual([FALSE_POSITIVE]);
    expect(Array.from(matchDetections(one, half, { match: '>' }).outcomes)).toEqual([FALSE_POSITIVE]);
    expect(Array.from(matchDetections(one, below, { iouThreshold: 0.47 }).outcomes)).toEqual([TRUE_POSITIVE]);
  });

  test('boxes that do not touch never match, even at threshold 0', () => {
    const marks = { crowd: Uint8Array.of(0, 1) };
    const far = found([[200, 0, 210, 30]], [1], [1]);
    const options = { iouThreshold: 0 };
    expect(Array.from(matchDetections(truth([person, crowd], [1, 1], marks), far, options).truths)).toEqual([
      -1,
    ]);
  });
});

test.each([
  [() => matchDetections(scene, people, { iouThreshold: 1.5 }), 'matchDetections: iouThreshold must be in'],
  [
    () => matchDetections(truth([person], [0]), people),
    'matchDetections: truth: labels must be positive (0 is background), got 0 at 0',
  ],
  [
    () => matchDetections(scene, found([person], [1], [NaN])),
    'matchDetections: detections: scores must be numbers',
  ],
])('bad input %#', (call, message) => {
  expect(call).toThrow(message);
});
