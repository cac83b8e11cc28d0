import {
  BalancedPositiveNegativeSampler,
  boxIou,
  BoxCoder,
  Matcher,
  type Boxes,
  type GroundTruth,
  type ImageSize,
} from '@roikit/geometry';

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
 * without objects gives background only. Crowds are not learned.
 */
export function sampleAnchors(
  anchors: Boxes,
  truth: GroundTruth,
  options: SampleAnchorsOptions,
): AnchorTargets {
  const { count = 256, positiveFraction = 0.5, coder = new BoxCoder(), random } = options;
  const objects = withoutCrowds(truth);
  const { labels, match } = labelAnchors(anchors, objects, options);
  const sampler = new BalancedPositiveNegativeSampler({ batchSizePerImage: count, positiveFraction });
  const { positive, negative } = sampler.sample(labels, random);
  const positiveAnchors = gather(anchors, positive);
  const matched = gather(
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
  const { quality, rows } = touchedRows(boxIou(objects, anchors), numPredictions);
  const matcher = new Matcher({
    highThreshold: foregroundIou,
    lowThreshold: backgroundIou,
    allowLowQualityMatches: true,
  });
  const match = matcher.match(quality, { numGroundTruth: rows.length, numPredictions });
  const labels = match.map((row) => (row >= 0 ? 1 : row === Matcher.BELOW_LOW_THRESHOLD ? 0 : -1));
  for (let i = 0; i < match.length; i++) if (match[i]! >= 0) match[i] = rows[match[i]!]!;
  if (borderAnchors === 'ignore') ignoreBorder(anchors, labels, imageSize);
  return { labels, match };
}

/** The rows of the IoU matrix `[objects, anchors]` that are not all 0, and which those are. */
function touchedRows(iou: Float32Array, columns: number): { quality: Float32Array; rows: number[] } {
  const all = Array.from({ length: columns === 0 ? 0 : iou.length / columns }, (_, row) => row);
  const rowOf = (row: number) => iou.subarray(row * columns, (row + 1) * columns);
  const rows = all.filter((row) => rowOf(row).some((value) => value > 0));
  if (rows.length === all.length) return { quality: iou, rows };
  const quality = new Float32Array(rows.length * columns);
  rows.forEach((row, i) => quality.set(rowOf(row), i * columns));
  return { quality, rows };
}

function ignoreBorder(anchors: Boxes, labels: Int32Array, imageSize?: ImageSize): void {
  if (!imageSize) throw new TypeError(`labelAnchors: imageSize must be given with borderAnchors 'ignore'`);
  for (let i = 0, b = 0; i < labels.length; i++, b += 4) {
    const isInside =
      anchors[b]! >= 0 &&
      anchors[b + 1]! >= 0 &&
      anchors[b + 2]! <= imageSize.width &&
      anchors[b + 3]! <= imageSize.height;
    if (!isInside) labels[i] = -1;
  }
}

function withoutCrowds({ boxes, labels, crowd }: GroundTruth): Boxes {
  if (!crowd?.some((value) => value === 1)) return boxes;
  return gather(boxes, Int32Array.from([...labels.keys()].filter((i) => !crowd[i])));
}

function gather(boxes: Boxes, rows: Int32Array): Boxes {
  return Float32Array.from({ length: 4 * rows.length }, (_, i) => boxes[4 * rows[i >> 2]! + (i & 3)]!);
}
