import {
  batchedNms,
  BoxCoder,
  clipBoxesToImage,
  gatherBoxes,
  type Boxes,
  type ImageSize,
} from '@roikit/geometry';
import { gather } from './gather';
import { topK } from './topK';

/** What a region proposal network says of one image. */
export interface RpnPredictions {
  /** `[A]` logits of all levels, one level after the other. */
  objectness: Float32Array;
  /** `[A, 4]` box offsets. */
  offsets: Float32Array;
  /** `[A, 4]`, pixels of the network's input. */
  anchors: Boxes;
  /** Anchors of each level, in order. */
  anchorsPerLevel: readonly number[];
  /** The image's own size in the network's input, without padding. */
  imageSize: ImageSize;
}

/** The best anchors of each level of one image, and what the network says of them. */
export interface ProposalCandidates {
  /** `[C]` logits. */
  objectness: Float32Array;
  /** `[C, 4]` box offsets. */
  offsets: Float32Array;
  /** `[C, 4]`, pixels of the network's input. */
  anchors: Boxes;
  /** `[C]` */
  levels: Int32Array;
  /** The image's own size in the network's input, without padding. */
  imageSize: ImageSize;
}

export interface FilterProposalsOptions {
  /** Best-scored anchors of each level that are looked at. @default 1000 torchvision's at test; 2000 in training */
  preNms?: number;
  /** Proposals of an image. @default 1000 torchvision's at test; 2000 in training */
  postNms?: number;
  /** Within a level. @default 0.7 Faster R-CNN §3.3 */
  nmsThreshold?: number;
  /** Least probability. @default 0 torchvision; its MobileNet models have .05 */
  scoreThreshold?: number;
  /** Least width and height in pixels. @default 1e-3 torchvision */
  minSize?: number;
  /** @default new BoxCoder() offsets without weights, as all RPNs */
  coder?: BoxCoder;
}

export interface ScoredProposals {
  /** `[P, 4]`, pixels of the network's input */
  boxes: Boxes;
  /** `[P]` probabilities, descending */
  scores: Float32Array;
}

/**
 * An RPN's predictions for one image → proposals, in torchvision's order of steps (`RegionProposalNetwork`'s
 * `filter_proposals`): of each level the best anchors by logit; decode and clip those; drop small and unlikely ones;
 * NMS within each level; the best of all. Only what a level keeps is copied.
 */
export function filterProposals(
  predictions: RpnPredictions,
  options: FilterProposalsOptions = {},
): ScoredProposals {
  checkPredictions(predictions);
  const { indices, levels } = bestOfLevels(predictions, options.preNms ?? 1000);
  const candidates = {
    objectness: gather(predictions.objectness, indices, 1),
    offsets: gatherBoxes(predictions.offsets, indices),
    anchors: gatherBoxes(predictions.anchors, indices),
    levels,
    imageSize: predictions.imageSize,
  };
  return filterCandidates(candidates, options);
}

/**
 * `filterProposals` from where the best anchors of each level are known (`topK` of its logits, at most `preNms`): all that
 * has to be read of the others is their logit.
 */
export function filterCandidates(
  { objectness, offsets, anchors, levels, imageSize }: ProposalCandidates,
  options: Omit<FilterProposalsOptions, 'preNms'> = {},
): ScoredProposals {
  const { postNms = 1000, nmsThreshold = 0.7, coder = new BoxCoder() } = options;
  const boxes = clipBoxesToImage(coder.decode(offsets, anchors), imageSize);
  const scores = objectness.map((logit) => 1 / (1 + Math.exp(-logit)));

  const valid = validOnes(boxes, scores, options);
  const candidates = {
    boxes: gatherBoxes(boxes, valid),
    scores: gather(scores, valid, 1),
  };
  const kept = batchedNms(
    candidates.boxes,
    candidates.scores,
    valid.map((i) => levels[i]!),
    { iouThreshold: nmsThreshold, maxOutput: postNms },
  );
  return {
    boxes: gatherBoxes(candidates.boxes, kept),
    scores: gather(candidates.scores, kept, 1),
  };
}

/** The best anchors of each level, and their level. */
function bestOfLevels({ objectness, anchorsPerLevel }: RpnPredictions, preNms: number) {
  const total = anchorsPerLevel.reduce((sum, count) => sum + Math.min(count, preNms), 0);
  const indices = new Int32Array(total);
  const levels = new Int32Array(total);
  let [start, filled] = [0, 0];
  anchorsPerLevel.forEach((count, level) => {
    const best = topK(objectness, { start, end: start + count, k: preNms });
    indices.set(best, filled);
    levels.fill(level, filled, filled + best.length);
    start += count;
    filled += best.length;
  });
  return { indices, levels };
}

function validOnes(
  boxes: Boxes,
  scores: Float32Array,
  { scoreThreshold = 0, minSize = 1e-3 }: FilterProposalsOptions,
): Int32Array {
  const [leastScore, leastSize] = [Math.fround(scoreThreshold), Math.fround(minSize)];
  const valid = new Int32Array(scores.length);
  let length = 0;
  for (let i = 0, b = 0; i < scores.length; i++, b += 4) {
    const width = Math.fround(boxes[b + 2]! - boxes[b]!);
    const height = Math.fround(boxes[b + 3]! - boxes[b + 1]!);
    // Negated, so that NaN stays in for NMS to name.
    if (!(width < leastSize || height < leastSize || scores[i]! < leastScore)) valid[length++] = i;
  }
  return valid.slice(0, length);
}

function checkPredictions({ objectness, offsets, anchors, anchorsPerLevel }: RpnPredictions): void {
  const count = objectness.length;
  const levels = anchorsPerLevel.reduce((sum, n) => sum + n, 0);
  if (offsets.length !== 4 * count || anchors.length !== 4 * count || levels !== count) {
    throw new RangeError(
      `filterProposals: offsets and anchors must have 4 numbers for each of the ${count} logits, and anchorsPerLevel ` +
        `must sum to them; got ${offsets.length} and ${anchors.length} numbers, and ${levels} anchors`,
    );
  }
}
