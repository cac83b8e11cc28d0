import {
  confusionMatrix,
  FALSE_POSITIVE,
  isIgnored,
  matchDetections,
  TRUE_POSITIVE,
  type Detections,
  type GroundTruth,
} from '@roikit/geometry';
import type { ConfusionTable } from './model';

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

/** The confusion matrix of all pictures as rows of numbers, "nothing" behind the classes instead of before. */
export function confusionTable(
  images: readonly { truth: GroundTruth; detections: Detections }[],
  options: { numClasses: number; scoreThreshold: number },
): ConfusionTable {
  const truths = images.map(({ truth }) => truth);
  const { matrix, numClasses } = confusionMatrix(
    truths,
    images.map(({ detections }) => detections),
    options,
  );
  const side = numClasses + 1;
  const behind = (position: number) => (position + 1) % side;
  const counts = Array.from({ length: side }, (_, row) =>
    Array.from({ length: side }, (_, column) => matrix[behind(row) * side + behind(column)] as number),
  );
  return { counts, scoreThreshold: options.scoreThreshold };
}
