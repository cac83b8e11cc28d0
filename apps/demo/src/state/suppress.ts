import { batchedNms, boxIou, gatherBoxes, type Detections } from '@roikit/geometry';

/** What suppression did to the candidates. */
export interface Suppression {
  /** Numbers of those kept, best first. */
  kept: Int32Array;
  /** For each candidate the one that suppressed it, −1 where it was kept. */
  by: Int32Array;
}

/** Non-maximum suppression per class, with the reason why each box went. */
export function suppress({ boxes, scores, labels }: Detections, iouThreshold: number): Suppression {
  const kept = batchedNms(boxes, scores, labels, { iouThreshold });
  const by = new Int32Array(labels.length).fill(-1);
  const isKept = new Set(kept);
  const overlaps = boxIou(boxes, gatherBoxes(boxes, kept));
  for (let i = 0; i < labels.length; i++) {
    if (isKept.has(i)) continue;
    const row = overlaps.subarray(i * kept.length, (i + 1) * kept.length);
    by[i] = kept[kept.findIndex((k, column) => labels[k] === labels[i] && row[column]! > iouThreshold)] ?? -1;
  }
  return { kept, by };
}
