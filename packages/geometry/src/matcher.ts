import { checkFraction } from './checks';

export interface MatcherOptions {
  /** A box whose best quality is at least this is matched. */
  highThreshold: number;
  /** Below this it is background; from here to `highThreshold` it is left out. At most `highThreshold`. */
  lowThreshold: number;
  /** Whether each truth also takes the boxes of its own best quality, however low. @default false, as Fast R-CNN */
  allowLowQualityMatches?: boolean;
}

/** Shape of a match quality matrix. */
export interface MatchQualityShape {
  numGroundTruth: number;
  numPredictions: number;
}

/** Gives each box (proposal or anchor) a truth, "background" or "between" (torchvision's `Matcher`). */
export class Matcher {
  static readonly BELOW_LOW_THRESHOLD = -1;
  static readonly BETWEEN_THRESHOLDS = -2;

  readonly highThreshold: number;
  readonly lowThreshold: number;
  readonly allowLowQualityMatches: boolean;

  constructor({ highThreshold, lowThreshold, allowLowQualityMatches = false }: MatcherOptions) {
    checkFraction('Matcher', 'highThreshold', highThreshold);
    checkFraction('Matcher', 'lowThreshold', lowThreshold);
    if (lowThreshold > highThreshold) {
      throw new RangeError(
        `Matcher: lowThreshold must be at most highThreshold (${highThreshold}), got ${lowThreshold}`,
      );
    }
    // torchvision compares float32 qualities with float32 thresholds
    this.highThreshold = Math.fround(highThreshold);
    this.lowThreshold = Math.fround(lowThreshold);
    this.allowLowQualityMatches = allowLowQualityMatches;
  }

  /**
   * @param matchQuality `[numGroundTruth, numPredictions]`, as `boxIou(truths, boxes)` gives it
   * @returns `[numPredictions]`: index of the truth (the lower one of equals), −1 (`BELOW_LOW_THRESHOLD`) or −2
   *   (`BETWEEN_THRESHOLDS`); all −1 where there is no truth (torchvision throws). With `allowLowQualityMatches`, a
   *   truth that overlaps no box has a best quality of 0 and takes every box of quality 0, as in torchvision
   */
  match(matchQuality: Float32Array, { numGroundTruth, numPredictions }: MatchQualityShape): Int32Array {
    if (matchQuality.length !== numGroundTruth * numPredictions) {
      throw new RangeError(
        `Matcher.match: matchQuality must be [${numGroundTruth}, ${numPredictions}], got ${matchQuality.length} numbers`,
      );
    }
    const matches = new Int32Array(numPredictions).fill(Matcher.BELOW_LOW_THRESHOLD);
    if (numGroundTruth === 0) return matches;
    const { best, highest } = bestRows(matchQuality, numGroundTruth, numPredictions);
    for (let j = 0; j < numPredictions; j++) {
      if (highest[j]! >= this.highThreshold) matches[j] = best[j]!;
      else if (highest[j]! >= this.lowThreshold) matches[j] = Matcher.BETWEEN_THRESHOLDS;
    }
    if (this.allowLowQualityMatches) restoreLowQualityMatches(matchQuality, best, matches);
    return matches;
  }
}

/** The maximum of each column, and the row where it is; of equal ones the first. */
function bestRows(matchQuality: Float32Array, rows: number, columns: number) {
  const best = new Int32Array(columns);
  const highest = matchQuality.slice(0, columns);
  for (let i = 1, o = columns; i < rows; i++) {
    for (let j = 0; j < columns; j++, o++) {
      const quality = matchQuality[o]!;
      if (!(quality > highest[j]!)) continue;
      highest[j] = quality;
      best[j] = i;
    }
  }
  return { best, highest };
}

/** Matches every box that is some truth's best with its own best truth (which may be another one, as in torchvision). */
function restoreLowQualityMatches(matchQuality: Float32Array, best: Int32Array, matches: Int32Array): void {
  const columns = matches.length;
  for (let start = 0; start < matchQuality.length; start += columns) {
    let highest = 0;
    for (let j = 0; j < columns; j++) highest = Math.max(highest, matchQuality[start + j]!);
    for (let j = 0; j < columns; j++) if (matchQuality[start + j] === highest) matches[j] = best[j]!;
  }
}
