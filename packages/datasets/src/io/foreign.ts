import { isRecord } from './json/parseJson';

/** A format that is not read, and how to get one that is. */
export interface ForeignFormat {
  name: string;
  /** What to export instead. */
  cure: string;
  fits(content: unknown): boolean;
}

const first = (content: unknown): unknown => (Array.isArray(content) ? content[0] : undefined);
const has = (value: unknown, ...keys: string[]): boolean =>
  isRecord(value) && keys.every((key) => key in value);
const someValue = (content: unknown): unknown => (isRecord(content) ? Object.values(content)[0] : undefined);

/** JSON of tools and sets whose own format is not read, told by what their files hold. */
export const foreignJson: readonly ForeignFormat[] = [
  {
    name: 'Label Studio JSON',
    cure: "export 'COCO', 'Pascal VOC XML' or 'YOLO' in Label Studio",
    fits: (c) =>
      [first(c), c].some(
        (task) =>
          has(task, 'data') && ['annotations', 'completions', 'predictions'].some((key) => has(task, key)),
      ) ||
      (has(first(c), 'annotator') && has(first(c), 'annotation_id')),
  },
  {
    name: 'VGG Image Annotator (VIA) JSON',
    cure: "choose 'Export Annotations (COCO format)' in VIA",
    fits: (c) =>
      has(c, '_via_img_metadata') ||
      has(someValue(c), 'filename', 'regions') ||
      has(someValue(c), 'file_attributes'),
  },
  {
    name: 'Datumaro JSON',
    cure: 'convert it: datum convert -if datumaro -f coco (or voc, yolo)',
    fits: (c) => has(c, 'categories', 'items'),
  },
  {
    name: 'Supervisely JSON',
    cure: "run the app 'Export to COCO' or 'Export to Pascal VOC' in Supervisely",
    fits: (c) =>
      (has(c, 'objects', 'size') && has(c, 'tags')) ||
      (has(c, 'classes') && has(c, 'tags') && has(c, 'projectType')),
  },
  {
    name: 'CreateML JSON',
    cure: "export 'COCO' or 'Pascal VOC' from the tool that made it",
    fits: (c) => has(first(c), 'image', 'annotations') || has(first(c), 'imagefilename', 'annotation'),
  },
  {
    name: 'Labelbox JSON',
    cure: 'convert it to COCO with Labelbox’s own converter (labelbox.data)',
    fits: (c) => has(first(c) ?? c, 'data_row', 'projects') || has(first(c), 'Labeled Data', 'Label'),
  },
  {
    name: 'BDD100K or Scalabel JSON',
    cure: 'convert it: python -m bdd100k.label.to_coco',
    fits: (c) => has(first(c), 'name', 'labels') || has(c, 'frames', 'config'),
  },
  {
    name: 'V7 Darwin JSON',
    cure: "export 'COCO' in V7",
    fits: (c) => has(c, 'item', 'annotations'),
  },
  {
    name: 'VoTT JSON',
    cure: "choose the export 'Pascal VOC' in VoTT",
    fits: (c) => has(c, 'asset', 'regions') || has(c, 'assets', 'visitedFrames') || has(c, 'assets', 'tags'),
  },
  {
    name: 'COCO results (detections without pictures)',
    cure: "give the annotation file, an object with 'images', 'annotations' and 'categories'",
    fits: (c) => has(first(c), 'image_id', 'category_id'),
  },
  {
    name: 'COCO without categories (captions, panoptic or results of a merge)',
    cure: "give the file of detections, an object with 'images', 'annotations' and 'categories'",
    fits: (c) => has(c, 'images', 'annotations') || has(c, 'images', 'categories'),
  },
];
