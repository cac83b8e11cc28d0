import type { GroundTruth } from '@roikit/geometry';
import { counted } from '../counted';
import { objectsOf, type WritableFormat } from './formatWriter';

/** What a format may have no room for, counted over the samples that were written. */
export interface Carried {
  difficult: number;
  crowds: number;
  /** Objects whose area is not that of their box. */
  areas: number;
  /** Labels of which an object was written. */
  labels: Set<number>;
}

export function nothingCarried(): Carried {
  return { difficult: 0, crowds: 0, areas: 0, labels: new Set() };
}

export function count(carried: Carried, truth: GroundTruth): void {
  for (const { box, label, difficult, crowd, area } of objectsOf(truth)) {
    const own = (box[2] - box[0]) * (box[3] - box[1]);
    carried.difficult += Number(difficult);
    carried.crowds += Number(crowd);
    // To within what float32 and a thousandth of a pixel leave.
    carried.areas += Number(area !== undefined && Math.abs(area - own) > 0.01 * own + 0.01);
    carried.labels.add(label);
  }
}

/** What was not carried over, a sentence each. */
export function lostInWriting(
  format: WritableFormat,
  { carried, classes }: { carried: Carried; classes: readonly string[] },
): string[] {
  const { difficult, crowds, areas, labels } = carried;
  const unused = classes.filter((_, i) => !labels.has(i + 1));
  const losses: Record<WritableFormat, [number, string][]> = {
    coco: [],
    voc: [
      [crowds, `${counted(crowds, 'object')} marked as a crowd: now difficult, which evaluation ignores too`],
      [areas, `the area of ${counted(areas, 'object')}: VOC has boxes only`],
      [unused.length, `the classes without an object (${unused.join(', ')}): VOC has no list of classes`],
    ],
    yolo: [
      [difficult, `the mark 'difficult' of ${counted(difficult, 'object')}: written as others are`],
      [areas, `the area of ${counted(areas, 'object')}: YOLO has boxes only`],
    ],
  };
  return losses[format].filter(([number]) => number > 0).map(([, text]) => text);
}
