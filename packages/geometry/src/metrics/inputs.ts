import { checkLength, checkMeasuredScores, countMeasuredBoxes } from '../checks';
import type { MeasuredDetections, MeasuredTruth } from '../types';

const OPTIONAL_MARKS = ['difficult', 'crowd', 'area'] as const;

function checkLabels(caller: string, labels: Int32Array, numClasses: number): void {
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
  checkLength(caller, 'labels', truth.labels.length, count);
  for (const name of OPTIONAL_MARKS) {
    const values = truth[name];
    if (values) checkLength(caller, name, values.length, count);
  }
  checkLabels(caller, truth.labels, numClasses);
}

export function checkDetections(caller: string, detections: MeasuredDetections, numClasses: number): void {
  const count = countMeasuredBoxes(caller, 'boxes', detections.boxes);
  checkMeasuredScores(caller, detections.scores, count);
  checkLength(caller, 'labels', detections.labels.length, count);
  checkLabels(caller, detections.labels, numClasses);
}

export function largestLabel(images: readonly { labels: Int32Array }[]): number {
  return images.reduce((largest, { labels }) => labels.reduce((a, b) => Math.max(a, b), largest), 0);
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
  numClasses = Math.max(largestLabel(groundTruth), largestLabel(detections)),
): number {
  checkSameImages(caller, groundTruth.length, 'detections', detections.length);
  if (!(Number.isInteger(numClasses) && numClasses >= 0)) {
    throw new RangeError(`${caller}: numClasses must be a whole number, got ${numClasses}`);
  }
  groundTruth.forEach((truth, image) => checkTruth(`${caller}: groundTruth[${image}]`, truth, numClasses));
  detections.forEach((found, image) => checkDetections(`${caller}: detections[${image}]`, found, numClasses));
  return numClasses;
}
