import type { AnnotatedObject } from '../annotations';
import { extent } from '../extent';
import { maskBox } from './maskBox';
import { toNumber, written, type Json } from '../json/parseJson';

/** The object of an annotation, or what is wrong with it. A missing bbox is that of the polygons or of the mask. */
export function parseObject(record: Json, name: string): AnnotatedObject | string {
  const bbox = record['bbox'];
  const none = bbox === undefined || bbox === null || (Array.isArray(bbox) && bbox.length === 0);
  if (none) {
    const polygon = polygonBox(record['segmentation']);
    const box = polygon ?? maskBox(record['segmentation']);
    if (box === undefined)
      return `has bbox ${written(bbox)}, which is not [x, y, width, height], and no polygon or mask`;
    const outline = `of its ${polygon ? 'polygon' : 'mask'} [${box.join(', ')}]`;
    return { name, box, written: outline, ...parseFlags(record) };
  }
  const values = Array.isArray(bbox) ? bbox.map(toNumber) : [];
  const [x = 0, y = 0, width = 0, height = 0] = values;
  if (values.length !== 4 || !values.every(Number.isFinite)) {
    return `has bbox ${written(bbox)}, which is not [x, y, width, height]`;
  }
  const box = [x, y, x + width, y + height] as const;
  return { name, box, written: `[${x}, ${y}, ${width}, ${height}]`, ...parseFlags(record) };
}

/** `ignore` is how VOC's `difficult` is kept in COCO files (mmdetection's converter, and pycocotools reads it). */
function parseFlags({ iscrowd, ignore, area }: Json): Partial<AnnotatedObject> {
  const [crowd, ignored, size] = [isSet(iscrowd), isSet(ignore), toNumber(area)];
  return { crowd, difficult: ignored && !crowd, area: Number.isFinite(size) ? size : undefined };
}

function isSet(value: unknown): boolean {
  return value === true || toNumber(value) > 0 || value === 'true';
}

/** Extent of COCO's list of polygons `[[x1, y1, x2, …], …]`; undefined for a run-length mask or anything else. */
function polygonBox(segmentation: unknown): AnnotatedObject['box'] | undefined {
  if (!Array.isArray(segmentation) || segmentation.length === 0) return undefined;
  const parts = (Array.isArray(segmentation[0]) ? segmentation : [segmentation]) as unknown[];
  const numbers = parts.flatMap((part) => (Array.isArray(part) ? part.map(toNumber) : [NaN]));
  return extent(numbers);
}
