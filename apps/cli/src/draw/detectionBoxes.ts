import type { Detections } from '@roikit/geometry';
import type { DrawnBox } from './overlay';

/** Detections as boxes to draw with `class score` on them; `indices` are those to draw. */
export function detectionBoxes(
  { boxes, scores, labels }: Detections,
  { classes, indices = [...scores.keys()] }: { classes: readonly string[]; indices?: readonly number[] },
): DrawnBox[] {
  return indices.map((i) => {
    const label = labels[i] as number;
    // Two spaces: a class may be a number itself.
    const text = `${classes[label - 1] ?? label}  ${(scores[i] as number).toFixed(2)}`;
    return { box: boxes.subarray(i * 4, i * 4 + 4), label, text };
  });
}
