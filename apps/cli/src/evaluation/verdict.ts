import {
  FALSE_POSITIVE,
  isIgnored,
  matchDetections,
  TRUE_POSITIVE,
  type Detections,
  type GroundTruth,
} from '@roikit/geometry';

/** PASCAL's least overlap of a detection with its object. */
const IOU_THRESHOLD = 0.5;

/** One picture's detections from a score on, by position in its arrays. */
export interface Verdict {
  right: number[];
  /** Of nothing, of the wrong class, or of an object that a better detection has. */
  wrong: number[];
  /** Annotated objects that no detection has; difficult ones and crowds don't count. */
  missed: number;
}

/**
 * PASCAL's rule for one picture, as AP50 counts it (`matchDetections`): a detection is right where it is the first, by
 * score, on the object of its class that it overlaps most. Detections of difficult objects and in crowds are neither
 * right nor wrong.
 */
export function judge(
  truth: GroundTruth,
  detections: Detections,
  { scoreThreshold }: { scoreThreshold: number },
): Verdict {
  const { outcomes, truths } = matchDetections(truth, detections, { iouThreshold: IOU_THRESHOLD });
  const score = (i: number) => detections.scores[i] as number;
  const shown = [...detections.scores.keys()].filter((i) => score(i) >= scoreThreshold);
  shown.sort((a, b) => score(b) - score(a));
  const right = shown.filter((i) => outcomes[i] === TRUE_POSITIVE);
  const wrong = shown.filter((i) => outcomes[i] === FALSE_POSITIVE);
  const found = new Set(right.map((i) => truths[i]));
  const missed = [...truth.labels.keys()].filter((t) => !found.has(t) && !isIgnored(truth, t)).length;
  return { right, wrong, missed };
}
