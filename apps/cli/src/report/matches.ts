import { boxIou, type Detections, type GroundTruth } from '@roikit/geometry';
import type { ConfusionMatrix } from './model';

/** Detections above a score against annotated objects; −1 where there is no partner. */
export interface Match {
  truth: number;
  detection: number;
}

export interface MatchOptions {
  scoreThreshold: number;
  /** Default 0.5. */
  iouThreshold?: number;
}

/**
 * Pairs each detection, by descending score, with the annotated object it overlaps most: first objects of its own
 * class, then, among what is left, of any class. Difficult and crowd objects that nobody found are left out.
 */
export function matchDetections(
  truth: GroundTruth,
  { boxes, scores, labels }: Detections,
  { scoreThreshold, iouThreshold = 0.5 }: MatchOptions,
): Match[] {
  const shown = [...scores.keys()].filter((i) => (scores[i] as number) >= scoreThreshold);
  const overlaps = boxIou(boxes, truth.boxes);
  const numTruths = truth.labels.length;
  const free = new Set(truth.labels.keys());
  const partner = new Map<number, number>();
  for (const sameClass of [true, false]) {
    for (const detection of shown.filter((i) => !partner.has(i))) {
      const candidates = [...free].filter((t) => !sameClass || truth.labels[t] === labels[detection]);
      const iou = (t: number) => overlaps[detection * numTruths + t] as number;
      const best = candidates.reduce((a, t) => (a < 0 || iou(t) > iou(a) ? t : a), -1);
      if (best < 0 || iou(best) < iouThreshold) continue;
      partner.set(detection, best);
      free.delete(best);
    }
  }
  const missed = [...free].filter((t) => !truth.difficult?.[t] && !truth.crowd?.[t]);
  return [
    ...shown.map((detection) => ({ truth: partner.get(detection) ?? -1, detection })),
    ...missed.map((t) => ({ truth: t, detection: -1 })),
  ];
}

export interface Mistakes {
  found: number;
  missed: number;
  /** Detections of nothing, or of the wrong class. */
  wrong: number;
}

export function countMistakes(matches: readonly Match[], truth: GroundTruth, detections: Detections): Mistakes {
  const right = ({ truth: t, detection: d }: Match) => t >= 0 && d >= 0 && truth.labels[t] === detections.labels[d];
  const found = matches.filter(right).length;
  const wrong = matches.filter((match) => match.detection >= 0 && !right(match)).length;
  const missed = matches.filter((match) => match.truth >= 0 && !right(match)).length;
  return { found, missed, wrong };
}

/** An all-zero matrix for `numClasses` classes. */
export function emptyConfusion(numClasses: number, scoreThreshold: number): ConfusionMatrix {
  const side = numClasses + 1;
  return { counts: Array.from({ length: side }, () => new Array<number>(side).fill(0)), scoreThreshold };
}

/** Adds one image's matches. */
export function addToConfusion(
  { counts }: ConfusionMatrix,
  matches: readonly Match[],
  { truth, detections }: { truth: GroundTruth; detections: Detections },
): void {
  const nothing = counts.length - 1;
  for (const match of matches) {
    const row = match.truth < 0 ? nothing : (truth.labels[match.truth] as number) - 1;
    const column = match.detection < 0 ? nothing : (detections.labels[match.detection] as number) - 1;
    (counts[row] as number[])[column] = ((counts[row] as number[])[column] as number) + 1;
  }
}
