import { BoxCoder, clipBoxesToImage, gatherBoxes, type Boxes, type GroundTruth } from '@roikit/geometry';
import { computed } from '@preact/signals';
import type { DetectorInfo, Snapshot } from '../worker/protocol';
import { detector, shown, snapshot } from './session';
import { suppress, type Suppression } from './suppress';
import { nmsThreshold, scoreThreshold } from './walk';

/** Refined boxes that compete in non-maximum suppression, best first. */
export interface Candidates {
  boxes: Boxes;
  scores: Float32Array;
  labels: Int32Array;
  /** The proposal that each comes from. */
  regions: Int32Array;
}

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

/** Every proposal refined for every class, `[R, K + 1, 4]`, within the picture. */
export const refined = computed<Boxes>(() => {
  if (run.value === undefined) return new Float32Array(0);
  const { detector: info, snapshot: taken, size } = run.value;
  const coder = new BoxCoder((info.config['boxCoder'] as { weights: never } | undefined) ?? {});
  return clipBoxesToImage(coder.decode(taken.boxOffsets, taken.proposals), size);
});

/** The lowest score a candidate may have: the detector's own. */
const lowest = (of: Run) => of.detector.config.postprocess.scoreThreshold;

export const candidates = computed<Candidates>(() => {
  const empty = new Float32Array(0);
  if (run.value === undefined)
    return { boxes: empty, scores: empty, labels: new Int32Array(0), regions: new Int32Array(0) };
  const columns = numColumns(run.value);
  const { scores } = run.value.snapshot;
  const threshold = lowest(run.value);
  const pairs: number[] = [];
  for (let i = 0; i < scores.length; i++) if (i % columns !== 0 && scores[i]! > threshold) pairs.push(i);
  pairs.sort((a, b) => scores[b]! - scores[a]! || a - b);
  return ofPairs(bestOfEach(pairs, columns, mostOf(run.value)), scores, columns);
});

/** At most so many of each class reach its suppression, where the detector says so: R-CNN's test. */
const mostOf = (of: Run) =>
  (of.detector.config.postprocess as { maxPerClass?: number }).maxPerClass ?? Infinity;

/** The first so many of each class. */
function bestOfEach(pairs: readonly number[], columns: number, most: number): number[] {
  const taken = new Int32Array(columns);
  return pairs.filter((i) => ++taken[i % columns]! <= most);
}

/** @param pairs region · columns + class */
function ofPairs(pairs: readonly number[], scores: Float32Array, columns: number): Candidates {
  return {
    boxes: gatherBoxes(refined.value, pairs),
    scores: Float32Array.from(pairs, (i) => scores[i]!),
    labels: Int32Array.from(pairs, (i) => i % columns),
    regions: Int32Array.from(pairs, (i) => Math.floor(i / columns)),
  };
}

export const suppression = computed<Suppression>(() => suppress(candidates.value, nmsThreshold.value));

/** Detections of the detector itself above the score slider, each with its proposal. */
export const detections = computed<Candidates>(() => {
  const empty = { ...candidates.value };
  if (run.value === undefined) return empty;
  const { boxes, scores, labels } = run.value.snapshot.detections;
  const own = candidates.value;
  const regionOf = new Map(
    Array.from(own.scores, (score, i) => [`${score} ${own.labels[i]}`, own.regions[i]!]),
  );
  const kept = Array.from(scores.keys()).filter((i) => scores[i]! >= scoreThreshold.value);
  return {
    boxes: gatherBoxes(boxes, kept),
    scores: Float32Array.from(kept, (i) => scores[i]!),
    labels: Int32Array.from(kept, (i) => labels[i]!),
    regions: Int32Array.from(kept, (i) => regionOf.get(`${scores[i]} ${labels[i]}`) ?? -1),
  };
});

/** Range of the score slider: probabilities, or the margins of SVMs. */
export const scoreRange = computed(() => {
  if (run.value === undefined) return { min: 0, max: 1 };
  const from = lowest(run.value);
  const most = run.value.snapshot.detections.scores.reduce((a, b) => Math.max(a, b), 1);
  return { min: Math.min(from, 0.05), max: Math.max(1, Math.ceil(most)) };
});
