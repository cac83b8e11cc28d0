import type { MeasuredTruth } from '../types';

// What became of a detection.

/** No truth of its own. */
export const FALSE_POSITIVE = 0;
/** The first, by score, on its truth. */
export const TRUE_POSITIVE = 1;
/** Neither: on a truth that is not counted. */
export const IGNORED = 2;

/** Whether a truth is not counted: VOC's difficult objects, COCO's crowds. */
export function isIgnored(truth: MeasuredTruth, index: number): boolean {
  return Boolean(truth.difficult?.[index] || truth.crowd?.[index]);
}
