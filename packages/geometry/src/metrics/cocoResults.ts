import type { BoxFormat } from '../boxConvert';
import { checkChoice } from '../checks';
import type { MeasuredDetections } from '../types';
import { boxOf, checkCocoOptions, isRecord, parseCocoJson, someIds, toBoxes, type CocoId } from './cocoJson';

export interface CocoResultsOptions {
  /** The file's `image_id` of each image. */
  imageIds: readonly CocoId[];
  /** The file's `category_id` of each class: that of label k at k − 1. */
  categoryIds: readonly CocoId[];
  /**
   * Format of the detections' boxes. @default 'xyxy', as everywhere here. 'xywh' is the file's own: the side of 32 of a box
   * at 10.1 is no longer 32 as the difference of corners
   */
  boxFormat?: Exclude<BoxFormat, 'cxcywh'>;
}

export interface ParseCocoResultsOptions extends CocoResultsOptions {
  /**
   * What becomes of detections of images and categories that are not among the ids: an error, or they are left out, for
   * numbers on a part of the images or of what a detector knows. @default 'refuse'
   */
  others?: 'refuse' | 'drop';
}

/** One detection of a COCO results file. */
interface CocoEntry {
  image_id: CocoId;
  category_id: CocoId;
  /** x y width height */
  bbox: number[];
  score: number;
}

function checkEntry(value: unknown, i: number): CocoEntry {
  const entry = isRecord(value) ? value : {};
  if (!boxOf(entry['bbox']) || !Number.isFinite(entry['score'])) {
    throw new TypeError(
      `parseCocoResults: an entry must have a bbox of 4 numbers (x y width height) and a score, got ${JSON.stringify(value)} at ${i}`,
    );
  }
  return value as CocoEntry;
}

/** Place of each id, −1 for others where they are dropped; a file's numbers stay apart from its strings. */
function placeOf(
  ids: readonly CocoId[],
  name: 'image_id' | 'category_id',
  others: 'refuse' | 'drop',
): (id: CocoId, i: number) => number {
  const places = new Map(ids.map((id, place) => [id, place]));
  return (id, i) => {
    const place = places.get(id);
    if (place === undefined && others === 'refuse') {
      throw new RangeError(
        `parseCocoResults: ${name} ${JSON.stringify(id)} at ${i} is none of those given (${someIds(ids)}); results and annotations must be of one data set, or others: 'drop' leaves such detections out`,
      );
    }
    return place ?? -1;
  };
}

function toDetections(
  entries: CocoEntry[],
  labels: number[],
  boxFormat: 'xyxy' | 'xywh',
): MeasuredDetections {
  return {
    boxes: toBoxes(
      entries.flatMap(({ bbox }) => bbox),
      boxFormat,
    ),
    scores: Float64Array.from(entries, ({ score }) => score),
    labels: Int32Array.from(labels),
  };
}

/**
 * The detections of a COCO results file (`[{ image_id, category_id, bbox, score }, …]`), in float64 and in the file's order
 * within each image.
 *
 * @param text the file's content
 * @returns one entry per image, in the order of `imageIds`
 * @throws SyntaxError for what is no JSON, TypeError for entries without a box or score, RangeError for images and
 *   categories that are not among those given, unless they are dropped
 */
export function parseCocoResults(
  text: string,
  { imageIds, categoryIds, boxFormat = 'xyxy', others = 'refuse' }: ParseCocoResultsOptions,
): MeasuredDetections[] {
  checkCocoOptions('parseCocoResults', { imageIds, categoryIds, boxFormat });
  checkChoice('parseCocoResults', 'others', others, ['refuse', 'drop']);
  const parsed = parseCocoJson('parseCocoResults', text);
  if (!Array.isArray(parsed)) {
    throw new TypeError(
      'parseCocoResults: a results file is a list of detections, got something else; annotations are another file',
    );
  }
  const images = imageIds.map(() => ({ entries: [] as CocoEntry[], labels: [] as number[] }));
  const imageOf = placeOf(imageIds, 'image_id', others);
  const classOf = placeOf(categoryIds, 'category_id', others);
  parsed.forEach((value: unknown, i) => {
    const entry = checkEntry(value, i);
    const image = images[imageOf(entry.image_id, i)];
    const label = classOf(entry.category_id, i) + 1;
    if (!image || label === 0) return;
    image.entries.push(entry);
    image.labels.push(label);
  });
  return images.map(({ entries, labels }) => toDetections(entries, labels, boxFormat));
}

/**
 * A COCO results file of detections, every number with all its digits, so that `parseCocoResults` gives them back; only a
 * corner that float64 cannot hold as x + width can move in its last bit.
 *
 * @param detections one entry per image, in the order of `imageIds`
 * @throws RangeError where images or labels have no id
 */
export function formatCocoResults(
  detections: readonly MeasuredDetections[],
  { imageIds, categoryIds, boxFormat = 'xyxy' }: CocoResultsOptions,
): string {
  checkCocoOptions('formatCocoResults', { imageIds, categoryIds, boxFormat });
  if (detections.length !== imageIds.length) {
    throw new RangeError(
      `formatCocoResults: imageIds must have one entry per image (${detections.length}), got ${imageIds.length}`,
    );
  }
  const lines = detections.flatMap(({ boxes, scores, labels }, image) =>
    Array.from(labels, (label, i) => {
      if (!(label >= 1 && label <= categoryIds.length)) {
        throw new RangeError(
          `formatCocoResults: labels must have a category id (1…${categoryIds.length}), got ${label} in image ${image}`,
        );
      }
      const [x, y, right, bottom] = boxes.subarray(4 * i, 4 * i + 4) as unknown as [
        number,
        number,
        number,
        number,
      ];
      const bbox = boxFormat === 'xyxy' ? [x, y, right - x, bottom - y] : [x, y, right, bottom];
      const entry: CocoEntry = {
        image_id: imageIds[image]!,
        category_id: categoryIds[label - 1]!,
        bbox,
        score: scores[i]!,
      };
      return JSON.stringify(entry);
    }),
  );
  return `[${lines.join(',\n')}]\n`;
}
