import { isIgnored, type GroundTruth } from '@roikit/geometry';

/** Which objects are of a class, difficult ones and crowds among them. */
export function objectsOf({ labels }: GroundTruth, label: number): number[] {
  return [...labels.keys()].filter((i) => labels[i] === label);
}

/** Which of them a class is learned from. */
export function positivesOf(truth: GroundTruth, label: number): number[] {
  return objectsOf(truth, label).filter((i) => !isIgnored(truth, i));
}
