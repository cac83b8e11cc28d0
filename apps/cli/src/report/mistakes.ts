import { boxIou, confusionMatrix, type Detections, type GroundTruth } from '@roikit/geometry';
import type { ConfusionTable } from './model';

/** PASCAL's least overlap of a detection with its object. */
const IOU_THRESHOLD = 0.5;

/** One picture's detections from a score on, by position in its arrays. */
export interface Verdict {
  right: number[];
  /** Of nothing, of the wrong class, or of an object that a better detection has. */
  wrong: number[];
  /** Annotated objects that no detection has; difficult ones don't count. */
  missed: number;
}

/**
 * PASCAL's rule for one picture: a detection is right where it is the first, by score, on the object of its class that
 * it overlaps most. Detections of difficult objects are neither right nor wrong.
 */
export function judge(
  truth: GroundTruth,
  detections: Detections,
  { scoreThreshold }: { scoreThreshold: number },
): Verdict {
  const verdict: Verdict = { right: [], wrong: [], missed: 0 };
  const numTruths = truth.labels.length;
  const overlaps = boxIou(detections.boxes, truth.boxes);
  const found = new Set<number>();
  const score = (i: number) => detections.scores[i] as number;
  const shown = [...detections.scores.keys()].filter((i) => score(i) >= scoreThreshold);
  for (const detection of shown.sort((a, b) => score(b) - score(a))) {
    const overlap = (t: number) => overlaps[detection * numTruths + t] as number;
    const own = [...truth.labels.keys()].filter((t) => truth.labels[t] === detections.labels[detection]);
    const best = own.reduce((a, t) => (a < 0 || overlap(t) > overlap(a) ? t : a), -1);
    const hit = best >= 0 && overlap(best) >= IOU_THRESHOLD;
    if (hit && isIgnored(truth, best)) continue;
    (hit && !found.has(best) ? verdict.right : verdict.wrong).push(detection);
    if (hit) found.add(best);
  }
  verdict.missed = [...truth.labels.keys()].filter((t) => !found.has(t) && !isIgnored(truth, t)).length;
  return verdict;
}

function isIgnored(truth: GroundTruth, index: number): boolean {
  return truth.difficult?.[index] === 1 || truth.crowd?.[index] === 1;
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
