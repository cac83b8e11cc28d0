import type { BoxFormat } from '../boxConvert';
import { checkChoice } from '../checks';
import type { MeasuredTruth } from '../types';
import { boxOf, isId, isRecord, parseCocoJson, risingIds, someIds, toBoxes, type CocoId } from './cocoJson';

const CALLER = 'parseCocoAnnotations';

export interface CocoAnnotationsOptions {
  /**
   * Format of the truths' boxes. @default 'xyxy', as everywhere here. 'xywh' is the file's own: the side of 32 of a box at
   * 10.1 is no longer 32 as the difference of corners
   */
  boxFormat?: Exclude<BoxFormat, 'cxcywh'>;
}

/** A COCO annotation file; the options of `parseCocoResults` and of `evaluateCoco` are among its parts. */
export interface CocoAnnotations {
  /** One entry per image; `difficult` is the file's `ignore`. */
  groundTruth: MeasuredTruth[];
  /** The `image_id` of each image, rising: images go by that where scores are equal, as in pycocotools. */
  imageIds: CocoId[];
  /** The `category_id` of label k at k − 1, rising. */
  categoryIds: CocoId[];
  /** The name of label k at k − 1; its id where it has none. */
  classes: string[];
  numClasses: number;
  boxFormat: Exclude<BoxFormat, 'cxcywh'>;
}

/**
 * The truth of a COCO annotation file (`{ images, categories, annotations }`), in float64: what pycocotools measures
 * against, without the pictures.
 *
 * @param text the file's content
 * @throws SyntaxError for what is no JSON, TypeError for annotations without a box, RangeError for ids that are there
 *   twice, and for annotations whose image or category the file does not list
 */
export function parseCocoAnnotations(
  text: string,
  { boxFormat = 'xyxy' }: CocoAnnotationsOptions = {},
): CocoAnnotations {
  checkChoice(CALLER, 'boxFormat', boxFormat, ['xyxy', 'xywh']);
  const file = parseCocoJson(CALLER, text);
  const imageIds = idsOf(file, 'images').map(({ id }) => id);
  const categories = idsOf(file, 'categories');
  const categoryIds = categories.map(({ id }) => id);
  const images = imageIds.map(() => new TruthColumns());
  const imageOf = placeOf('image_id', imageIds);
  const classOf = placeOf('category_id', categoryIds);
  listOf(file, 'annotations').forEach((record, i) => {
    if (!isRecord(record)) throw new TypeError(`${CALLER}: annotations[${i}] must be an object`);
    const label = classOf(record['category_id'], i) + 1;
    images[imageOf(record['image_id'], i)]!.add(record, label, i);
  });
  return {
    groundTruth: images.map((image) => image.truth(boxFormat)),
    imageIds,
    categoryIds,
    classes: categories.map(({ id, name }) => (typeof name === 'string' ? name : String(id))),
    numClasses: categories.length,
    boxFormat,
  };
}

/** The objects of one image. */
class TruthColumns {
  readonly boxes: number[] = [];
  readonly labels: number[] = [];
  readonly crowd: number[] = [];
  readonly difficult: number[] = [];
  readonly area: number[] = [];

  add(record: Record<string, unknown>, label: number, i: number): void {
    const { bbox, area, iscrowd, ignore } = record;
    const box = boxOf(bbox);
    if (!box) {
      throw new TypeError(
        `${CALLER}: an annotation must have a bbox of 4 numbers (x y width height), got ${JSON.stringify(bbox)} at ${i}; masks alone are not measured`,
      );
    }
    if (area !== undefined && area !== null && !Number.isFinite(area)) {
      throw new TypeError(`${CALLER}: area must be a number, got ${JSON.stringify(area)} at ${i}`);
    }
    this.boxes.push(...box);
    this.labels.push(label);
    this.crowd.push(Number(Boolean(iscrowd)));
    this.difficult.push(Number(Boolean(ignore) && !iscrowd));
    this.area.push(typeof area === 'number' ? area : box[2] * box[3]);
  }

  truth(boxFormat: 'xyxy' | 'xywh'): MeasuredTruth {
    return {
      boxes: toBoxes(this.boxes, boxFormat),
      labels: Int32Array.from(this.labels),
      crowd: Uint8Array.from(this.crowd),
      difficult: Uint8Array.from(this.difficult),
      area: Float64Array.from(this.area),
    };
  }
}

function listOf(file: unknown, name: 'images' | 'categories' | 'annotations'): unknown[] {
  const list = isRecord(file) ? file[name] : undefined;
  if (!Array.isArray(list)) {
    const results = Array.isArray(file) ? '; a list of detections is for parseCocoResults' : '';
    throw new TypeError(
      `${CALLER}: an annotation file must have the lists 'images', 'categories' and 'annotations', got none named '${name}'${results}`,
    );
  }
  return list;
}

/** The records of a list by rising id. */
function idsOf(file: unknown, name: 'images' | 'categories'): { id: CocoId; name?: unknown }[] {
  const seen = new Set<unknown>();
  const records = listOf(file, name).map((record, i) => {
    const id = isRecord(record) ? record['id'] : undefined;
    if (!isRecord(record) || !isId(id)) {
      throw new TypeError(
        `${CALLER}: ${name} must have an id, a number or text, got ${JSON.stringify(record)} at ${i}`,
      );
    }
    if (seen.has(id)) {
      throw new RangeError(
        `${CALLER}: ${name} must have an id each, got ${JSON.stringify(id)} a second time at ${i}; what belongs to which can't be told`,
      );
    }
    seen.add(id);
    return { id, name: record['name'] };
  });
  return records.sort((a, b) => risingIds(a.id, b.id));
}

function placeOf(name: string, ids: readonly CocoId[]): (id: unknown, i: number) => number {
  const places = new Map<unknown, number>(ids.map((id, place) => [id, place]));
  return (id, i) => {
    const place = places.get(id);
    if (place === undefined) {
      const list = name === 'image_id' ? 'images' : 'categories';
      throw new RangeError(
        `${CALLER}: ${name} ${JSON.stringify(id)} of annotation ${i} is none of the file's ${list} (${someIds(ids)})`,
      );
    }
    return place;
  };
}
