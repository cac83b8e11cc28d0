import {
  BalancedPositiveNegativeSampler,
  boxIou,
  gatherBoxes,
  Matcher,
  type BoxCoder,
  type Boxes,
  type GroundTruth,
} from '@roikit/geometry';
import { concat } from './concat';
import { learnable } from './learnable';

/** The regions of one image a training step looks at, and what the head should say of them. */
export interface RegionTargets {
  /** `[R, 4]`, pixels of the image. */
  boxes: Boxes;
  /** `[R]`, 0 for background. */
  labels: Int32Array;
  /** `[R, 4]` encoded offsets to the matched object; zeros for background. */
  boxTargets: Float32Array;
}

export interface LabelRegionsOptions {
  /** Foreground: IoU with an object at least this. @default 0.5 Fast R-CNN §2.3 */
  foregroundIou?: number;
  /**
   * Background: best IoU in [low, high). Fast R-CNN §2.3 takes low = 0.1 as hard-example mining.
   * @default [0, 0.5] py-faster-rcnn's end-to-end training: regions far from any object count too
   */
  backgroundIou?: readonly [number, number];
}

export interface SampleRegionsOptions extends LabelRegionsOptions {
  coder: BoxCoder;
  /** Regions an image contributes. @default 64 Fast R-CNN §2.3: 128 over two images */
  count?: number;
  /** At most this part is foreground. @default 0.25 Fast R-CNN §2.3 */
  positiveFraction?: number;
  /**
   * Whether foreground is drawn evenly from the classes present, one of each in turn, so that rare classes are seen
   * as often as common ones (R-CNN §2.3 samples "uniformly over all classes").
   * @default false Fast R-CNN draws from all foreground alike
   */
  uniformClasses?: boolean;
  /** Draws the sample, uniform on [0, 1). */
  random: () => number;
}

/** All regions of an image that training may draw from. */
export interface LabelledRegions {
  /** `[N, 4]` the proposals, then the objects that are learned. */
  boxes: Boxes;
  /** `[N]` class of each region's best object, 0 for background, −1 for neither. */
  labels: Int32Array;
  /** `[N]` which of `objects` that is; negative where it is none. */
  match: Int32Array;
  /** `[M, 4]` */
  objects: Boxes;
}

/**
 * Samples a step's regions from an image's proposals and its objects (the objects join the proposals, as in
 * fast-rcnn's roidb). Crowds and difficult objects are not learned.
 * Fewer than `count` regions come back where an image has fewer.
 */
export function sampleRegions(
  proposals: Boxes,
  truth: GroundTruth,
  options: SampleRegionsOptions,
): RegionTargets {
  const { coder, count = 64, positiveFraction = 0.25, uniformClasses = false, random } = options;
  const regions = labelRegions(proposals, truth, options);
  const { labels } = regions;
  const candidates = uniformClasses
    ? evenClasses(labels, Math.floor(count * positiveFraction), random)
    : labels;
  const sampler = new BalancedPositiveNegativeSampler({ batchSizePerImage: count, positiveFraction });
  const { positive, negative } = sampler.sample(candidates, random);
  return regionTargets(regions, [...positive, ...negative], coder);
}

/** What the head should say of some of an image's regions. */
export function regionTargets(
  { boxes: all, labels, match, objects }: LabelledRegions,
  rows: readonly number[],
  coder: BoxCoder,
): RegionTargets {
  const boxes = gatherBoxes(all, rows);
  const own = Int32Array.from(rows, (row) => labels[row]!);
  const boxTargets = new Float32Array(boxes.length);
  const foreground = [...own.keys()].filter((i) => own[i]! > 0);
  const matched = gatherBoxes(
    objects,
    foreground.map((i) => match[rows[i]!]!),
  );
  const offsets = coder.encode(matched, gatherBoxes(boxes, foreground));
  foreground.forEach((i, k) => boxTargets.set(offsets.subarray(4 * k, 4 * k + 4), 4 * i));
  return { boxes, labels: own, boxTargets };
}

/** An image's proposals and, after them, its objects (crowds and difficult ones are not learned), each with its class. */
export function labelRegions(
  proposals: Boxes,
  truth: GroundTruth,
  { foregroundIou = 0.5, backgroundIou = [0, 0.5] }: LabelRegionsOptions = {},
): LabelledRegions {
  const objects = learnable(truth);
  const boxes = concat([proposals, objects.boxes]);
  const [least, below] = backgroundIou;
  const shape = { numGroundTruth: objects.labels.length, numPredictions: boxes.length / 4 };
  const quality = boxIou(objects.boxes, boxes);
  const matchFrom = (highThreshold: number, lowThreshold: number) =>
    new Matcher({ highThreshold, lowThreshold }).match(quality, shape);
  const match = matchFrom(foregroundIou, Math.min(below, foregroundIou));
  const near = least === 0 ? undefined : matchFrom(least, least);
  const labels = match.map((object, i) => {
    if (object >= 0) return objects.labels[object]!;
    const isBackground = object === Matcher.BELOW_LOW_THRESHOLD && (!near || near[i]! >= 0);
    return isBackground ? 0 : -1;
  });
  return { boxes, labels, match, objects: objects.boxes };
}

/** Leaves `quota` positives, one of each class in turn; the others become −1. */
function evenClasses(labels: Int32Array, quota: number, random: () => number): Int32Array {
  const byClass = new Map<number, number[]>();
  labels.forEach((label, i) => {
    if (label <= 0) return;
    if (!byClass.has(label)) byClass.set(label, []);
    byClass.get(label)!.push(i);
  });
  const result = labels.map((label) => Math.min(label, 0));
  for (let left = quota; left > 0 && byClass.size > 0;) {
    for (const [label, members] of byClass) {
      const [picked] = members.splice(Math.floor(random() * members.length), 1);
      if (members.length === 0) byClass.delete(label);
      result[picked!] = label;
      if (--left === 0) break;
    }
  }
  return result.map((label, i) => (labels[i]! > 0 && label === 0 ? -1 : label));
}
