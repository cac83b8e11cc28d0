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

/** A counting sort by class; `place` is told where each object of each image went. */
function flatten(
  images: readonly Labelled[],
  { numClasses, boxFormat }: FlattenOptions,
  place: (image: number, index: number, at: number) => void,
): FlatObjects {
  const starts = classStarts(images, numClasses);
  const next = Int32Array.of(0, ...starts); // by label
  const count = starts[numClasses]!;
  const flat = {
    starts,
    image: new Int32Array(count),
    corners: new Float64Array(4 * count),
    areas: new Float64Array(count),
  };
  images.forEach(({ boxes, labels }, image) => {
    for (let i = 0; i < labels.length; i++) {
      const at = next[labels[i]!]!++;
      flat.image[at] = image;
      const x = boxes[4 * i]!;
      const y = boxes[4 * i + 1]!;
      // a file's side is taken as it stands: x + 32 − x is not always 32 in float64
      const width = boxes[4 * i + 2]! - (boxFormat === 'xyxy' ? x : 0);
      const height = boxes[4 * i + 3]! - (boxFormat === 'xyxy' ? y : 0);
      flat.corners[4 * at] = x;
      flat.corners[4 * at + 1] = y;
      flat.corners[4 * at + 2] = boxFormat === 'xyxy' ? boxes[4 * i + 2]! : x + width;
      flat.corners[4 * at + 3] = boxFormat === 'xyxy' ? boxes[4 * i + 3]! : y + height;
      flat.areas[at] = width * height;
      place(image, i, at);
    }
  });
  return flat;
}

const countObjects = (images: readonly Labelled[]): number =>
  images.reduce((sum, { labels }) => sum + labels.length, 0);

export function flattenDetections(
  images: readonly MeasuredDetections[],
  options: FlattenOptions,
): FlatDetections {
  const count = countObjects(images);
  const inFloat32 = images.every(({ scores }) => scores instanceof Float32Array); // they sort faster
  const scores = inFloat32 ? new Float32Array(count) : new Float64Array(count);
  const flat = flatten(images, options, (image, index, at) => {
    scores[at] = images[image]!.scores[index]!;
  });
  const inside = new Uint8Array(count);
  for (let i = 0; i < count; i++) inside[i] = rangeBits(flat.areas[i]!, options.areaRanges);
  return { ...flat, scores, inside };
}

export function flattenTruths(images: readonly MeasuredTruth[], options: FlattenOptions): FlatTruths {
  const count = countObjects(images);
  const crowd = new Uint8Array(count);
  const annotated = new Float64Array(count).fill(NaN);
  const flat = flatten(images, options, (image, index, at) => {
    const truth = images[image]!;
    if (truth.crowd?.[index]) crowd[at] = 1;
    if (truth.area) annotated[at] = truth.area[index]!;
  });
  const every = 2 ** options.areaRanges.length - 1;
  const ignored = crowd.map((isCrowd, i) => {
    const area = Number.isNaN(annotated[i]) ? flat.areas[i]! : annotated[i]!;
    return isCrowd === 1 ? every : every & ~rangeBits(area, options.areaRanges);
  });
  return { ...flat, crowd, ignored };
}
