import {
  batchedNms,
  batchedSoftNms,
  boxVoting,
  clipBoxesToImage,
  gatherBoxes,
  removeSmallBoxes,
  type BoxCoder,
  type Boxes,
  type BoxVotingOptions,
  type Detections,
  type ImageSize,
  type SoftNmsOptions,
} from '@roikit/geometry';
import { gather } from './gather';
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
  const scores = gather(candidates.scores, sized, 1);
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
  return { indices, scores: gather(scores, indices, 1) };
}

/** Soft-NMS of each class, and the best of all. */
function softened(
  { boxes, scores, labels }: Detections,
  { softNms: soft, nmsThreshold = 0.3, scoreThreshold = 0.05, maxDetections = 100 }: PostprocessOptions,
): Kept {
  const options = { ...soft!, iouThreshold: nmsThreshold, scoreThreshold, maxOutput: maxDetections };
  return batchedSoftNms(boxes, scores, labels, options);
}

/** The (region, class) pairs above the threshold, each class's best, with the region and that class's own offsets. */
function selectCandidates(
  { scores, boxOffsets, proposals }: RegionPredictions,
  { scoreThreshold = 0.05, maxPerClass = Infinity }: PostprocessOptions,
) {
  const regions = proposals.length / 4;
  const columns = regions === 0 ? 0 : scores.length / regions;
  const picked = likelyPairs(scores, columns, { scoreThreshold, maxPerClass });
  const region = new Int32Array(picked.length);
  const labels = new Int32Array(picked.length);
  for (let i = 0; i < picked.length; i++) {
    labels[i] = picked[i]! % columns;
    region[i] = (picked[i]! - labels[i]!) / columns;
  }
  return {
    scores: gather(scores, picked, 1),
    labels,
    offsets: gather(boxOffsets, picked, 4), // [R, K + 1, 4]: row (region, class)
    references: gather(proposals, region, 4),
  };
}

/** region · columns + class of the scores above the threshold, of each class the best; ascending. */
function likelyPairs(
  scores: Float32Array,
  columns: number,
  { scoreThreshold, maxPerClass }: { scoreThreshold: number; maxPerClass: number },
): Int32Array {
  const isPicked = new Uint8Array(scores.length);
  const own = new Int32Array(columns === 0 ? 0 : scores.length / columns);
  const least = Math.fround(scoreThreshold); // torch compares in float32
  let length = 0;
  for (let label = 1; label < columns; label++) {
    let count = 0;
    for (let pair = label; pair < scores.length; pair += columns) {
      if (scores[pair]! > least) own[count++] = pair;
    }
    const pairs = own.subarray(0, count);
    const best = count <= maxPerClass ? pairs : bestPairs(scores, pairs, maxPerClass);
    for (let i = 0; i < best.length; i++) isPicked[best[i]!] = 1;
    length += best.length;
  }
  const picked = new Int32Array(length);
  for (let pair = 0, at = 0; at < length; pair++) if (isPicked[pair] === 1) picked[at++] = pair;
  return picked;
}

function bestPairs(scores: Float32Array, pairs: Int32Array, k: number): Int32Array {
  return topK(gather(scores, pairs, 1), { k }).map((i) => pairs[i]!);
}
