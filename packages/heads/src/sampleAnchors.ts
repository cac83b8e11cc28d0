import {
  BalancedPositiveNegativeSampler,
  boxIou,
  BoxCoder,
  gatherBoxes,
  Matcher,
  type Boxes,
  type GroundTruth,
  type ImageSize,
} from '@roikit/geometry';
import { learnable } from './learnable';

/** The anchors of one image a training step looks at. */
export interface AnchorTargets {
  /** Indices of the anchors drawn as objects, ascending. */
  positive: Int32Array;
  /** Indices of the anchors drawn as background, ascending. */
  negative: Int32Array;
  /** `[positives, 4]` encoded offsets to the matched object. */
  boxTargets: Float32Array;
  /** `[positives, 4]` the anchors drawn as objects. */
  positiveAnchors: Boxes;
}

export interface SampleAnchorsOptions {
  /** Object: best IoU at least this. @default 0.7 Faster R-CNN §3.1.2 */
  foregroundIou?: number;
  /** Background: best IoU below this; between the two an anchor is left out. @default 0.3 Faster R-CNN §3.1.2 */
  backgroundIou?: number;
  /** Anchors an image contributes. @default 256 Faster R-CNN §3.1.2 */
  count?: number;
  /** At most this part are objects; missing ones are made up with background. @default 0.5 Faster R-CNN §3.1.2 */
  positiveFraction?: number;
  /**
   * Anchors that cross the image's border: used (FPN §4.1, torchvision) or left out (Faster R-CNN §3.1.2; needs
   * `imageSize`).
   * @default 'use'
   */
  borderAnchors?: 'use' | 'ignore';
  /** The image's size in the network's input, without padding. */
  imageSize?: ImageSize;
  /** @default new BoxCoder() offsets without weights */
  coder?: BoxCoder;
  /** Draws the sample, uniform on [0, 1). */
  random: () => number;
}

/** `[A]`: 1 object, 0 background, −1 neither; and each object's truth. */
export interface AnchorLabels {
  labels: Int32Array;
  match: Int32Array;
}

/**
 * Draws an image's anchors for a step of RPN training, and what it should say of them (Faster R-CNN §3.1.2). An image
 * without objects gives background only. Crowds and difficult objects are not learned, as the head's are not.
 */
export function sampleAnchors(
  anchors: Boxes,
  truth: GroundTruth,
  options: SampleAnchorsOptions,
): AnchorTargets {
  const { count = 256, positiveFraction = 0.5, coder = new BoxCoder(), random } = options;
  const { boxes: objects } = learnable(truth);
  const { labels, match } = labelAnchors(anchors, objects, options);
  const sampler = new BalancedPositiveNegativeSampler({ batchSizePerImage: count, positiveFraction });
  const { positive, negative } = sampler.sample(labels, random);
  const positiveAnchors = gatherBoxes(anchors, positive);
  const matched = gatherBoxes(
    objects,
    positive.map((i) => match[i]!),
  );
  return { positive, negative, positiveAnchors, boxTargets: coder.encode(matched, positiveAnchors) };
}

/**
 * Labels anchors by their best IoU with the objects `[M, 4]`. An object's best anchors are objects too, however low
 * their IoU, each assigned to its own best object (torchvision's low-quality matches); but an object that no anchor
 * touches takes none, where torchvision would give it every anchor of IoU 0.
 */
export function labelAnchors(
  anchors: Boxes,
  objects: Boxes,
  options: Pick<SampleAnchorsOptions, 'foregroundIou' | 'backgroundIou' | 'borderAnchors' | 'imageSize'> = {},
): AnchorLabels {
  const { foregroundIou = 0.7, backgroundIou = 0.3, borderAnchors = 'use', imageSize } = options;
  const numPredictions = anchors.length / 4;
  const iou = boxIou(objects, anchors); // [M, A]
  const leftOut = borderAnchors === 'ignore' ? crossingAnchors(anchors, imageSize) : [];
  // No object's best, as in anchor_target_layer.py: an object at the border still gets the best anchor within.
  for (const i of leftOut) for (let at = i; at < iou.length; at += numPredictions) iou[at] = 0;
  const { quality, rows } = touchedRows(iou, numPredictions);
  const matcher = new Matcher({
    highThreshold: foregroundIou,
    lowThreshold: backgroundIou,
    allowLowQualityMatches: true,
  });
  const match = matcher.match(quality, { numGroundTruth: rows.length, numPredictions });
  const labels = match.map((row) => (row >= 0 ? 1 : row === Matcher.BELOW_LOW_THRESHOLD ? 0 : -1));
  for (let i = 0; i < match.length; i++) if (match[i]! >= 0) match[i] = rows[match[i]!]!;
  for (const i of leftOut) labels[i] = -1;
  return { labels, match };
}

/** The rows of the IoU matrix `[objects, anchors]` that are not all 0, and which those are. */
function touchedRows(iou: Float32Array, columns: number): { quality: Float32Array; rows: number[] } {
  const all = Array.from({ length: columns === 0 ? 0 : iou.length / columns }, (_, row) => row);
  const rowOf = (row: number) => iou.subarray(row * columns, (row + 1) * columns);
  const rows = all.filter((row) => hasOverlap(rowOf(row)));
  if (rows.length === all.length) return { quality: iou, rows };
  const quality = new Float32Array(rows.length * columns);
  rows.forEach((row, i) => quality.set(rowOf(row), i * columns));
  return { quality, rows };
}

function hasOverlap(row: Float32Array): boolean {
  for (let i = 0; i < row.length; i++) if (row[i]! > 0) return true;
  return false;
}

/** Anchors that are not wholly within the image. */
function crossingAnchors(anchors: Boxes, imageSize?: ImageSize): number[] {
  if (!imageSize) throw new TypeError(`labelAnchors: imageSize must be given with borderAnchors 'ignore'`);
  const { width, height } = imageSize;
  return Array.from({ length: anchors.length / 4 }, (_, i) => i).filter((i) => {
    const [x1, y1, x2, y2] = anchors.subarray(4 * i, 4 * i + 4) as unknown as [
      number,
      number,
      number,
      number,
    ];
    return !(x1 >= 0 && y1 >= 0 && x2 <= width && y2 <= height);
  });
}
