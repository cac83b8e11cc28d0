import type { Encoder } from './encoder';
import type { PartRecord } from './readRecords';

/** What pictures and labels are called in a COCO file. */
export interface CocoIds {
  /** Undefined for a picture that is not in it, whose detections are left out. */
  image(record: PartRecord): number | undefined;
  /** Category id of a label. */
  category(label: number): number;
}

const OWN: CocoIds = { image: ({ picture }) => picture + 1, category: (label) => label };

/**
 * The pieces of a COCO results file (https://cocodataset.org/#format-results): a list of objects, box as x y width
 * height. COCO knows no frames: of an animated picture there is the first.
 */
export function cocoLines(ids: CocoIds = OWN): Encoder {
  let some = false;
  const separator = (): string => {
    const text = some ? ',\n' : '\n';
    some = true;
    return text;
  };
  return {
    start: '[',
    end: () => '\n]\n',
    of: (records) => {
      let text = '';
      for (const record of records) {
        if ('error' in record || (record.frame ?? 0) > 0) continue;
        const image_id = ids.image(record);
        if (image_id === undefined) continue;
        for (const { label, score, box } of record.detections) {
          const [x1, y1, x2, y2] = box;
          const bbox = [x1, y1, x2 - x1, y2 - y1];
          text += separator() + JSON.stringify({ image_id, category_id: ids.category(label), bbox, score });
        }
      }
      return text;
    },
  };
}
