import type { Report } from '@roikit/detectors';
import type { CocoStats, PrecisionRecallCurve } from '@roikit/geometry';
import type { ClassRow, Curve, ReportModel } from './model';

/** pycocotools' order, and what each number is over. */
const COCO_NUMBERS: readonly (readonly [keyof CocoStats, string])[] = [
  ['AP', 'mean over IoU 0.50:0.95'],
  ['AP50', 'IoU 0.50'],
  ['AP75', 'IoU 0.75'],
  ['APs', 'small objects, area below 32²'],
  ['APm', 'medium objects'],
  ['APl', 'large objects, area above 96²'],
  ['AR1', 'recall with 1 detection an image and class'],
  ['AR10', 'recall with 10'],
  ['AR100', 'recall with 100'],
  ['ARs', 'recall of small objects'],
  ['ARm', 'recall of medium objects'],
  ['ARl', 'recall of large objects'],
];

/** What a report has besides the numbers. */
export type ReportContext = Pick<ReportModel, 'title' | 'subtitle' | 'details' | 'config' | 'history'> &
  Pick<ReportModel, 'shownScore' | 'confusion' | 'calibration' | 'proposalRecall'>;

/** A detector's report as plain data, with what a reader wants to know about the run. */
export function toReportModel(report: Report, context: ReportContext): ReportModel {
  const { images, skipped, ap50, coco, timings } = report;
  return {
    ...context,
    created: new Date().toISOString(),
    images,
    skipped,
    ap50,
    classes: report.classes.map((row, index) =>
      classRow(report, { row, index, shownScore: context.shownScore }),
    ),
    coco: COCO_NUMBERS.map(([name, meaning]) => ({ name, meaning, value: coco.stats[name] })),
    timings,
  };
}

function classRow(
  { voc, coco }: Report,
  {
    row,
    index,
    shownScore = -Infinity,
  }: { row: Report['classes'][number]; index: number; shownScore?: number },
): ClassRow {
  const curve = voc.perClass[index]?.curve;
  return {
    ...row,
    shown: curve ? curve.scores.filter((score) => score >= shownScore).length : 0,
    ap: coco.perClass[index]?.AP ?? -1,
    curve: curve ? foundPoints(curve) : { recall: [], precision: [] },
  };
}

/** The curve where recall rises: all that its envelope depends on, and far fewer points. */
function foundPoints({ recall, precision }: PrecisionRecallCurve): Curve {
  const rises = [...recall.keys()].filter(
    (i) => (recall[i] as number) > (i > 0 ? (recall[i - 1] as number) : 0),
  );
  const pick = (values: Float64Array) => rises.map((i) => Number((values[i] as number).toFixed(5)));
  return { recall: pick(recall), precision: pick(precision) };
}
