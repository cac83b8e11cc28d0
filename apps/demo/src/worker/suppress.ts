import { boxIou, gatherBoxes, nms, type Detections } from '@roikit/geometry';
import type { Suppression } from './protocol';

/** Non-maximum suppression per class, with the reason why each box went. */
export function suppress({ boxes, scores, labels }: Detections, iouThreshold: number): Suppression {
  const by = new Int32Array(labels.length).fill(-1);
  for (const label of new Set(labels)) {
    const own = Int32Array.from([...labels.keys()].filter((i) => labels[i] === label));
    const ownBoxes = gatherBoxes(boxes, own);
    const ownScores = Float32Array.from(own, (i) => scores[i]!);
    const kept = nms(ownBoxes, ownScores, { iouThreshold });
    const overlaps = boxIou(ownBoxes, gatherBoxes(ownBoxes, kept));
    const isKept = new Set(kept);
    own.forEach((candidate, i) => {
      if (isKept.has(i)) return;
      const row = overlaps.subarray(i * kept.length, (i + 1) * kept.length);
      by[candidate] = own[kept[row.findIndex((overlap) => overlap > iouThreshold)]!]!;
    });
  }
  const kept = Int32Array.from([...by.keys()].filter((i) => by[i] === -1));
  return { kept: kept.sort((a, b) => scores[b]! - scores[a]! || a - b), by };
}
