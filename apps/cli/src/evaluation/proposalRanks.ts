import type { Detector } from '@roikit/detectors';
import { boxIou, isIgnored, type Boxes, type GroundTruth } from '@roikit/geometry';

/** Overlaps at which recall of proposals is told: PASCAL's, and one that a box regressor can't make good. */
export const PROPOSAL_IOUS = [0.5, 0.7] as const;

/** Of each annotated object how many proposals it takes, the best first, until one overlaps it so far; Infinity for none. */
export type ProposalRanks = number[][];

/** A detector that remembers what was proposed for the detections it gave. */
export interface RecordingDetector {
  detector: Detector;
  /** The proposals behind these detections; undefined where the detector doesn't tell. */
  proposalsOf(detections: object): Boxes | undefined;
}

/** Remembers what was proposed, where the detector tells. */
export function recordProposals(detector: Detector): RecordingDetector {
  const proposals = new WeakMap<object, Boxes>();
  const proposalsOf = (detections: object) => proposals.get(detections);
  if (!detector.detectWithProposals) return { detector, proposalsOf };
  const { config, workers, scores } = detector;
  const detect: Detector['detect'] = async (image, options) => {
    const { proposals: boxes, ...detections } = await detector.detectWithProposals!(image, options);
    proposals.set(detections, boxes);
    return detections;
  };
  return { detector: { config, workers, scores, detect, dispose: () => detector.dispose() }, proposalsOf };
}

/** One list of ranks for each of `PROPOSAL_IOUS`; difficult objects and crowds are left out. */
export function proposalRanks(truth: GroundTruth, proposals: Boxes): ProposalRanks {
  const count = proposals.length / 4;
  const overlaps = boxIou(truth.boxes, proposals);
  const counted = [...truth.labels.keys()].filter((t) => !isIgnored(truth, t));
  return PROPOSAL_IOUS.map((least) =>
    counted.map((t) => {
      const row = overlaps.subarray(t * count, (t + 1) * count);
      const first = row.findIndex((iou) => iou >= least);
      return first < 0 ? Infinity : first + 1;
    }),
  );
}
