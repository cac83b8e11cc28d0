/**
 * By fewer pictures the best of many epochs is one that was lucky, and often an early one that sees objects everywhere; the
 * last, at whose end the learning rate is 0, is better (docs/defaults.md, "Which epoch").
 */
const LEAST_PICTURES = 20;

/** Whether so many pictures of a validation tell which epoch was best. */
export function canTellBest(pictures: number): boolean {
  return pictures >= LEAST_PICTURES;
}
