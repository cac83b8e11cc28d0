import type { AnnotatedObject } from '../annotations';
import { isRecord } from '../json/parseJson';

/**
 * The box around a mask of COCO's run lengths, `{ size: [height, width], counts }` (maskApi.c, `rleToBbox`): pixels are
 * counted down the columns, of zeros and of ones in turn, in a list or as text. Undefined for an empty mask, and for what
 * is no mask or none of that size.
 */
export function maskBox(segmentation: unknown): AnnotatedObject['box'] | undefined {
  if (!isRecord(segmentation)) return undefined;
  const { size, counts } = segmentation;
  const [height, width] = Array.isArray(size) ? (size as unknown[]) : [];
  if (!isSide(height) || !isSide(width)) return undefined;
  const runs = typeof counts === 'string' ? runsOfText(counts) : Array.isArray(counts) ? counts : [];
  return boxOfRuns(runs, { height, width });
}

const isSide = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0;

function boxOfRuns(
  runs: readonly unknown[],
  { height, width }: { height: number; width: number },
): AnnotatedObject['box'] | undefined {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  let start = 0;
  for (let i = 0; i < runs.length; i++) {
    const run = runs[i];
    if (!Number.isSafeInteger(run) || (run as number) < 0) return undefined;
    const end = start + (run as number);
    if (end > height * width) return undefined;
    if (i % 2 === 1 && end > start) {
      const [first, last] = [Math.floor(start / height), Math.floor((end - 1) / height)];
      left = Math.min(left, first);
      right = Math.max(right, last + 1);
      // A run over the end of a column is at the bottom of the one and at the top of the next.
      top = Math.min(top, last > first ? 0 : start % height);
      bottom = Math.max(bottom, last > first ? height : ((end - 1) % height) + 1);
    }
    start = end;
  }
  return right > left ? [left, top, right, bottom] : undefined;
}

/** Six bits a letter, five of them of the number; from the third on the difference to the run before last (`rleFrString`). */
function runsOfText(text: string): number[] {
  const runs: number[] = [];
  for (let at = 0; at < text.length;) {
    let value = 0;
    let shift = 0;
    for (let more = true; more; at++, shift += 5) {
      const letter = text.charCodeAt(at) - 48;
      if (!(letter >= 0 && letter < 64) || shift > 30) return [NaN];
      value += (letter & 31) * 2 ** shift;
      more = (letter & 32) !== 0;
      if (!more && (letter & 16) !== 0) value -= 2 ** (shift + 5);
    }
    runs.push(runs.length > 2 ? value + runs[runs.length - 2]! : value);
  }
  return runs;
}
