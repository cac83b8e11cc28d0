import { gatherBoxes, type GroundTruth } from '@roikit/geometry';
import { computed } from '@preact/signals';
import type { Candidates, DetectorInfo, Snapshot, Suppression } from '../worker/protocol';
import { api } from './actions';
import { answered } from './answered';
import { detector, shown, snapshot } from './session';
import { nmsThreshold, scoreThreshold, stage } from './walk';

/** What the page needs of a run: a snapshot with the detector and picture it is of. */
export interface Run {
  snapshot: Snapshot;
  detector: DetectorInfo;
  size: { width: number; height: number };
  truth?: GroundTruth;
}

export const run = computed<Run | undefined>(() => {
  if (!snapshot.value || !detector.value || !shown.value) return undefined;
  const { image, truth } = shown.value;
  return {
    snapshot: snapshot.value,
    detector: detector.value,
    size: { width: image.width, height: image.height },
    // Truth is of digits: it says nothing of what another detector looks for.
    truth: detector.value.classes.join() === '0,1,2,3,4,5,6,7,8,9' ? truth : undefined,
  };
});

export const numColumns = ({ detector: { classes } }: Run) => classes.length + 1;

const suppressed = answered(() => {
  const candidates = snapshot.value?.candidates;
  const iouThreshold = nmsThreshold.value;
  if (stage.value !== 'nms' || !candidates) return undefined;
  return async () => ({ of: candidates, ...(await api.suppress(candidates, iouThreshold)) });
});

/** What suppression does to the candidates where its slider stands, once that is known. */
export const suppression = computed<Suppression | undefined>(() =>
  suppressed.value && suppressed.value.of === snapshot.value?.candidates ? suppressed.value : undefined,
);

/** Detections above the score slider, each with its proposal. */
export const detections = computed<Candidates>(() => {
  const { boxes, scores, labels, regions } = run.value?.snapshot.detections ?? NONE;
  const kept = Array.from(scores.keys()).filter((i) => scores[i]! >= scoreThreshold.value);
  return {
    boxes: gatherBoxes(boxes, kept),
    scores: Float32Array.from(kept, (i) => scores[i]!),
    labels: Int32Array.from(kept, (i) => labels[i]!),
    regions: Int32Array.from(kept, (i) => regions[i]!),
  };
});

const NONE: Candidates = {
  boxes: new Float32Array(0),
  scores: new Float32Array(0),
  labels: new Int32Array(0),
  regions: new Int32Array(0),
};

/** Range of the score slider: probabilities, or the margins of SVMs. */
export const scoreRange = computed(() => {
  if (run.value === undefined) return { min: 0, max: 1 };
  const from = run.value.detector.config.postprocess.scoreThreshold;
  const most = run.value.snapshot.detections.scores.reduce((a, b) => Math.max(a, b), 1);
  return { min: Math.min(from, 0.05), max: Math.max(1, Math.ceil(most)) };
});
