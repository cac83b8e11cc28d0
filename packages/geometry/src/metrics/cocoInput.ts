import type { MeasuredBoxes, MeasuredDetections, MeasuredTruth } from '../types';
import type { CocoParameters } from './cocoTables';

/**
 * Objects of all images in flat arrays: those of class 1, then those of class 2 …, in each class by image and then by
 * index. What the loops of one class read lies side by side.
 */
interface FlatObjects {
  /** `[K + 1]`: label k + 1 has the objects from `starts[k]` to `starts[k + 1]`. */
  starts: Int32Array;
  /** `[n]` */
  image: Int32Array;
  /** `[n, 4]` */
  corners: Float64Array;
  /** `[n]`, the boxes' own */
  areas: Float64Array;
}

export interface FlatDetections extends FlatObjects {
  /** `[n]` */
  scores: Float32Array | Float64Array;
  /** `[n]`: bit a where the box's own area is in area range a */
  inside: Uint8Array;
}

export interface FlatTruths extends FlatObjects {
  /** `[n]` */
  crowd: Uint8Array;
  /** `[n]`: bit a where the truth is not counted in area range a: a crowd, or of another size */
  ignored: Uint8Array;
}

interface Labelled {
  boxes: MeasuredBoxes;
  labels: Int32Array;
}

export interface FlattenOptions {
  numClasses: number;
  boxFormat: 'xyxy' | 'xywh';
  areaRanges: CocoParameters['areaRanges'];
}

/** Bit a where an area is in range a. */
function rangeBits(area: number, ranges: CocoParameters['areaRanges']): number {
  let bits = 0;
  for (let a = 0; a < ranges.length; a++) {
    if (area >= ranges[a]![0] && area <= ranges[a]![1]) bits |= 1 << a;
  }
  return bits;
}

function classStarts(images: readonly Labelled[], numClasses: number): Int32Array {
  const starts = new Int32Array(numClasses + 1);
  for (const { labels } of images) for (let i = 0; i < labels.length; i++) starts[labels[i]!]!++;
  for (let k = 1; k <= numClasses; k++) starts[k]! += starts[k - 1]!;
  return starts;
}

/** A counting sort by class; also `slots`: for each object of each image, in their order, its place. */
function flatten(
  images: readonly Labelled[],
  { numClasses, boxFormat }: FlattenOptions,
): FlatObjects & { slots: Int32Array } {
  const starts = classStarts(images, numClasses);
  const next = Int32Array.of(0, ...starts); // by label
  const count = starts[numClasses]!;
  const slots = new Int32Array(count);
  const image = new Int32Array(count);
  const corners = new Float64Array(4 * count);
  const areas = new Float64Array(count);
  let object = 0;
  images.forEach(({ boxes, labels }, i) => {
    for (let b = 0; b < boxes.length; b += 4) {
      const at = next[labels[b / 4]!]!++;
      slots[object++] = at;
      image[at] = i;
      const x = boxes[b]!;
      const y = boxes[b + 1]!;
      // a file's side is taken as it stands: x + 32 − x is not always 32 in float64
      const width = boxes[b + 2]! - (boxFormat === 'xyxy' ? x : 0);
      const height = boxes[b + 3]! - (boxFormat === 'xyxy' ? y : 0);
      corners[4 * at] = x;
      corners[4 * at + 1] = y;
      corners[4 * at + 2] = boxFormat === 'xyxy' ? boxes[b + 2]! : x + width;
      corners[4 * at + 3] = boxFormat === 'xyxy' ? boxes[b + 3]! : y + height;
      areas[at] = width * height;
    }
  });
  return { starts, slots, image, corners, areas };
}

export function flattenDetections(
  images: readonly MeasuredDetections[],
  options: FlattenOptions,
): FlatDetections {
  const { slots, ...flat } = flatten(images, options);
  const inFloat32 = images.every(({ scores }) => scores instanceof Float32Array); // they sort faster
  const scores = inFloat32 ? new Float32Array(slots.length) : new Float64Array(slots.length);
  let object = 0;
  for (const own of images) {
    for (let i = 0; i < own.scores.length; i++) scores[slots[object++]!] = own.scores[i]!;
  }
  const inside = new Uint8Array(slots.length);
  for (let i = 0; i < inside.length; i++) inside[i] = rangeBits(flat.areas[i]!, options.areaRanges);
  return { ...flat, scores, inside };
}

export function flattenTruths(images: readonly MeasuredTruth[], options: FlattenOptions): FlatTruths {
  const { slots, ...flat } = flatten(images, options);
  const every = 2 ** options.areaRanges.length - 1;
  const crowd = new Uint8Array(slots.length);
  const ignored = new Uint8Array(slots.length);
  let object = 0;
  for (const truth of images) {
    for (let i = 0; i < truth.labels.length; i++) {
      const at = slots[object++]!;
      crowd[at] = truth.crowd?.[i] ? 1 : 0;
      const area = truth.area ? truth.area[i]! : flat.areas[at]!;
      ignored[at] = crowd[at] === 1 ? every : every & ~rangeBits(area, options.areaRanges);
    }
  }
  return { ...flat, crowd, ignored };
}
