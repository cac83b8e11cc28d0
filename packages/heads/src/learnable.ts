import { gatherBoxes, isIgnored, type Boxes, type GroundTruth } from '@roikit/geometry';

/** The objects that are learned: without crowds, and without difficult ones (Fast R-CNN Table 1 gains 1.2 mAP so). */
export function learnable(truth: GroundTruth): { boxes: Boxes; labels: number[] } {
  const kept = [...truth.labels.keys()].filter((i) => !isIgnored(truth, i));
  return { boxes: gatherBoxes(truth.boxes, kept), labels: kept.map((i) => truth.labels[i]!) };
}
