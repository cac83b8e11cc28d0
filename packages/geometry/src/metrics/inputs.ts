import { checkLength, checkList, checkMeasuredScores, countMeasuredBoxes } from '../checks';
import type { MeasuredDetections, MeasuredTruth } from '../types';

const OPTIONAL_MARKS = ['difficult', 'crowd', 'area'] as const;

function checkLabels(caller: string, labels: Int32Array, boxes: number, numClasses: number): void {
  checkLength(caller, 'labels', labels.length, boxes);
  const classes = numClasses === Infinity ? 'positive' : `classes 1…${numClasses}`;
  const cure = numClasses === Infinity ? '' : '; see numClasses';
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!;
    if (!(Number.isInteger(label) && label >= 1 && label <= numClasses)) {
      throw new RangeError(
        `${caller}: labels must be ${classes} (0 is background), got ${label} at ${i}${cure}`,
      );
    }
  }
}

export function checkTruth(caller: string, truth: MeasuredTruth, numClasses: number): void {
  const count = countMeasuredBoxes(caller, 'boxes', truth.boxes);
  checkLabels(caller, truth.labels, count, numClasses);
  for (const name of OPTIONAL_MARKS) {
    const values = truth[name];
    if (values) checkLength(caller, name, values.length, count);
  }
  const unsized = truth.area?.findIndex((area) => !(area >= 0)) ?? -1;
  if (unsized >= 0)
    throw new RangeError(`${caller}: area must be ≥ 0, got ${truth.area![unsized]} at ${unsized}`);
}

export function checkDetections(caller: string, detections: MeasuredDetections, numClasses: number): void {
  const count = countMeasuredBoxes(caller, 'boxes', detections.boxes);
  checkMeasuredScores(caller, detections.scores, count);
  checkLabels(caller, detections.labels, count, numClasses);
}

export function largestLabel(images: readonly { labels: Int32Array }[]): number {
  return images.reduce((largest, { labels }) => labels.reduce((a, b) => Math.max(a, b), largest), 0);
}

/** A list of what images show, before anything of it is read. */
export function checkImages(caller: string, name: string, images: readonly { labels: Int32Array }[]): void {
  checkList(caller, name, images, 'an entry per image');
  images.forEach((image: { labels?: Int32Array } | null | undefined, i) => {
    if (typeof image?.labels?.length !== 'number')
      throw new TypeError(
        `${caller}: ${name}[${i}] must have boxes and labels, an Int32Array, got ${image ? `labels ${String(image.labels)}` : String(image)}`,
      );
  });
}

export function checkSameImages(caller: string, groundTruth: number, name: string, got: number): void {
  if (got !== groundTruth) {
    throw new RangeError(`${caller}: ${name} must have one entry per image (${groundTruth}), got ${got}`);
  }
}

/** Checks what an evaluation is given and returns its number of classes. */
export function checkEvaluation(
  caller: string,
  groundTruth: readonly MeasuredTruth[],
  detections: readonly MeasuredDetections[],
  given?: number,
): number {
  checkImages(caller, 'groundTruth', groundTruth);
  checkImages(caller, 'detections', detections);
  const numClasses = given ?? Math.max(largestLabel(groundTruth), largestLabel(detections));
  checkSameImages(caller, groundTruth.length, 'detections', detections.length);
  if (!(Number.isInteger(numClasses) && numClasses >= 0)) {
    throw new RangeError(`${caller}: numClasses must be a whole number, got ${numClasses}`);
  }
  groundTruth.forEach((truth, image) => checkTruth(`${caller}: groundTruth[${image}]`, truth, numClasses));
  detections.forEach((found, image) => checkDetections(`${caller}: detections[${image}]`, found, numClasses));
  return numClasses;
}
