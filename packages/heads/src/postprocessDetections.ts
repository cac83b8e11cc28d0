import {
  batchedNms,
  boxVoting,
  clipBoxesToImage,
  gatherBoxes,
  removeSmallBoxes,
  type BoxCoder,
  type Boxes,
  type BoxVotingOptions,
  type Detections,
  type ImageSize,
  softNms,
  type SoftNmsOptions,
} from '@roikit/geometry';
import { topK } from './topK';

/** What a head says of the regions of one image. */
export interface RegionPredictions {
  /** `[R, K + 1]` class probabilities, 0 is background. */
  scores: Float32Array;
  /** `[R, 4(K + 1)]` class-specific box offsets. */
  boxOffsets: Float32Array;
  /** `[R, 4]` the regions, pixels of the image. */
  proposals: Boxes;
  imageSize: ImageSize;
}

export interface PostprocessOptions {
  /** The coder the targets were made with. */
  coder: BoxCoder;
  /** Detections need a score above this. @default 0.05 torchvision, py-faster-rcnn's test */
  scoreThreshold?: number;
  /** Least width and height of a detection, pixels of the image. @default 0.01 torchvision */
  minSize?: number;
  /** Per class. @default 0.3 fast-rcnn's test */
  nmsThreshold?: number;
  /** Soft-NMS instead: scores fall where boxes overlap a better one. `nmsThreshold` is then 'linear's. @default none */
  softNms?: Pick<SoftNmsOptions, 'method' | 'sigma'>;
  /** Each box that is kept becomes the mean of its class's candidates around it. @default none */
  boxVoting?: BoxVotingOptions;
  /**
   * Candidates of a class that reach its NMS, the best-scored.
   * @default Infinity torchvision; R-CNN's and Fast R-CNN's tests have 100
   */
  maxPerClass?: number;
  /** Best over all classes. @default 100 torchvision; COCO counts no more */
  maxDetections?: number;
}

/**
 * Region predictions → detections: decode, clip, drop low scores, NMS per class, keep the best.
 *
 * @throws RangeError where scores and offsets do not fit the regions, or are not numbers, and for limits that leave nothing
 */
export function postprocessDetections(
  predictions: RegionPredictions,
  options: PostprocessOptions,
): Detections {
  const { coder, minSize = 0.01, nmsThreshold = 0.3, maxDetections = 100 } = options;
  checkPredictions(predictions);
  checkLimits(options);
  const candidates = selectCandidates(predictions, options);
  const decoded = coder.decode(candidates.offsets, candidates.references);
  const clipped = clipBoxesToImage(decoded, predictions.imageSize);
  const sized = removeSmallBoxes(clipped, { minSize });
  const boxes = gatherBoxes(clipped, sized);
  const scores = Float32Array.from(sized, (i) => candidates.scores[i]!);
  const labels = sized.map((i) => candidates.labels[i]!);
  const all = { boxes, scores, labels };
  const kept = options.softNms ? softened(all, options) : suppressed(all, { nmsThreshold, maxDetections });
  return {
    boxes: options.boxVoting
      ? boxVoting(all, kept.indices, options.boxVoting)
      : gatherBoxes(boxes, kept.indices),
    scores: kept.scores,
    labels: kept.indices.map((i) => labels[i]!),
  };
}

function checkPredictions({ scores, boxOffsets, proposals }: RegionPredictions): void {
  const regions = proposals.length / 4;
  const columns = scores.length / Math.max(1, regions);
  if (!Number.isInteger(regions) || !Number.isInteger(columns) || boxOffsets.length !== 4 * scores.length) {
    throw new RangeError(
      `postprocessDetections: proposals, scores and boxOffsets must be [R, 4], [R, K + 1] and [R, 4(K + 1)], ` +
        `got ${proposals.length}, ${scores.length} and ${boxOffsets.length} numbers`,
    );
  }
  checkNumbers('scores', scores, { columns, each: 1 });
  checkNumbers('boxOffsets', boxOffsets, { columns, each: 4 });
}

/** Of NaN nothing would be left, without a word; of a negative number all but the last. */
function checkLimits({
  scoreThreshold = 0,
  minSize = 0,
  maxDetections = 0,
  maxPerClass = 0,
}: PostprocessOptions) {
  for (const [name, value] of Object.entries({ scoreThreshold, minSize })) {
    if (typeof value !== 'number' || Number.isNaN(value))
      throw new RangeError(`postprocessDetections: ${name} must be a number, got ${String(value)}`);
  }
  for (const [name, value] of Object.entries({ maxDetections, maxPerClass })) {
    if (value === Infinity || (Number.isInteger(value) && value >= 0)) continue;
    throw new RangeError(
      `postprocessDetections: ${name} must be a whole number or Infinity, got ${String(value)}`,
    );
  }
}

/** No score is above NaN, and no such box has a size: nothing would be found, without a word. The background's are not read. */
function checkNumbers(
  name: string,
  values: Float32Array,
  { columns, each }: { columns: number; each: number },
): void {
  for (let i = 0; i < values.length; i++) {
    if (!Number.isNaN(values[i])) continue;
    const pair = Math.floor(i / each); // region · columns + class
    if (pair % columns === 0) continue;
    const where = `class ${pair % columns} of region ${Math.floor(pair / columns)}`;
    throw new RangeError(
      `postprocessDetections: ${name} must be numbers, got NaN for ${where}; look at the weights and the image`,
    );
  }
}

/** What NMS leaves of candidates, best first. */
interface Kept {
  indices: Int32Array;
  scores: Float32Array;
}

function suppressed(
  { boxes, scores, labels }: Detections,
  { nmsThreshold, maxDetections }: { nmsThreshold: number; maxDetections: number },
): Kept {
  const indices = batchedNms(boxes, scores, labels, {
    iouThreshold: nmsThreshold,
    maxOutput: maxDetections,
  });
  return { indices, scores: Float32Array.from(indices, (i) => scores[i]!) };
}

/** Soft-NMS of each class, and the best of all. */
function softened(
  { boxes, scores, labels }: Detections,
  { softNms: soft, nmsThreshold = 0.3, scoreThreshold = 0.05, maxDetections = 100 }: PostprocessOptions,
): Kept {
  const found = [...new Set(labels)].flatMap((label) => {
    const own = [...labels.keys()].filter((i) => labels[i] === label);
    const ownScores = Float32Array.from(own, (i) => scores[i]!);
    const options = { ...soft!, iouThreshold: nmsThreshold, scoreThreshold };
    const { indices, scores: decayed } = softNms(gatherBoxes(boxes, own), ownScores, options);
    return Array.from(indices, (at, i) => ({ index: own[at]!, score: decayed[i]! }));
  });
  const best = found.sort((a, b) => b.score - a.score || a.index - b.index).slice(0, maxDetections);
  return {
    indices: Int32Array.from(best, ({ index }) => index),
    scores: Float32Array.from(best, ({ score }) => score),
  };
}

/** The (region, class) pairs above the threshold, each class's best, with the region and that class's own offsets. */
function selectCandidates(
  { scores, boxOffsets, proposals }: RegionPredictions,
  { scoreThreshold = 0.05, maxPerClass = Infinity }: PostprocessOptions,
) {
  const regions = proposals.length / 4;
  const columns = regions === 0 ? 0 : scores.length / regions;
  const least = Math.fround(scoreThreshold); // torch compares in float32
  const byClass = Array.from({ length: columns }, (_, label) => {
    if (label === 0) return [];
    const pairs: number[] = []; // region · columns + class
    for (let pair = label; pair < scores.length; pair += columns) {
      if (scores[pair]! > least) pairs.push(pair);
    }
    if (pairs.length <= maxPerClass) return pairs;
    const own = Float32Array.from(pairs, (pair) => scores[pair]!);
    return Array.from(topK(own, { k: maxPerClass }), (i) => pairs[i]!);
  });
  const picked = byClass.flat().toSorted((a, b) => a - b);
  const region = Int32Array.from(picked, (i) => Math.floor(i / columns));
  return {
    scores: Float32Array.from(picked, (i) => scores[i]!),
    labels: Int32Array.from(picked, (i) => i % columns),
    offsets: gatherBoxes(boxOffsets, picked), // [R, K + 1, 4]: row (region, class)
    references: gatherBoxes(proposals, region),
  };
}
