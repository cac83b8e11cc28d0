import type { StageTimings } from '@roikit/detectors';
import type { CalibrationBin } from './calibration';
import type { ProposalRecall } from './proposalRecall';

/** Precision over recall, in order of descending score. */
export interface Curve {
  recall: number[];
  precision: number[];
}

export interface ClassRow {
  name: string;
  /** Annotated objects, and detections of any score. */
  truths: number;
  detections: number;
  /** Detections from `shownScore` on; those of objects that don't count are left out. */
  shown: number;
  /** PASCAL VOC, area under the curve at IoU 0.5; NaN where there is no annotated object. */
  ap50: number;
  /** COCO, mean over IoU 0.50:0.95. */
  ap: number;
  curve: Curve;
}

/** Rows are annotated, columns detected classes; the last row and column stand for "nothing". */
export interface ConfusionTable {
  counts: number[][];
  scoreThreshold: number;
}

/** A finished epoch, as the training curves need it. */
export interface EpochRow {
  epoch: number;
  /** `total` and its terms by name. */
  losses: Record<string, number>;
  ap50?: number;
}

/** One picture of the report: the photo, and what is drawn over it. */
export interface SamplePicture {
  id: string;
  width: number;
  height: number;
  /** data: URL */
  photo: string;
  /** SVG elements in the photo's pixels. */
  truth: string;
  right: string;
  wrong: string;
  caption: string;
}

/** Everything a report shows but the pictures; written as report.json. */
export interface ReportModel {
  title: string;
  subtitle: string;
  /** ISO 8601 */
  created: string;
  images: number;
  skipped: number;
  /** Mean of the classes' `ap50`. */
  ap50: number;
  classes: ClassRow[];
  /** From this score on a detection is drawn and counted as a claim; absent where all that were kept are. */
  shownScore?: number;
  /** The 12 numbers of pycocotools, in its order; −1 where nothing of that size is annotated. */
  coco: { name: string; meaning: string; value: number }[];
  /** Mean milliseconds per image. */
  timings: StageTimings;
  confusion?: ConfusionTable;
  /** Absent where no detection is right or wrong. */
  calibration?: CalibrationBin[];
  /** Absent where no object is annotated, and where the detector doesn't tell. */
  proposalRecall?: ProposalRecall;
  history?: EpochRow[];
  /** What was run, on what. */
  details: (readonly [string, string])[];
  config: unknown;
}
