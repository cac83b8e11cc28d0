import type { CocoParameters, CocoTables } from './cocoTables';

/** A detection as the curves count it. */
export interface CountedDetection {
  score: number;
  /** The first limit on the number of detections that counts it, by position in `maxDets`. */
  limit: number;
  /** Bit a where its own area is in range a. */
  inside: number;
}

/**
 * The precision–recall curves of one class (pycocotools' `accumulate`): a row for each IoU threshold, area range and number
 * of detections, drawn while the class's detections come by descending score. Only a true positive raises recall or
 * precision, so a row has one point for each.
 */
export class CocoCurves {
  readonly #recallThresholds: Float64Array;
  readonly #numThresholds: number;
  readonly #numAreas: number;
  readonly #numLimits: number;
  /** `[A, M]`: detections so far whose own area is in the range, by the first limit that counts them */
  readonly #detections: Int32Array;
  /** `[T, A, M]`: what matches change in their number: a detection counts with its truth, whatever its own area */
  readonly #changes: Int32Array;
  /** `[T, A, M]` */
  readonly #truePositives: Int32Array;
  /** `[T, A, M, width]`: after each true positive; then 0; −1 throughout where the class has no truth */
  #precision = new Float64Array(0);
  /** `[T, A, M, width]`, alike */
  #scores = new Float64Array(0);
  /** Points of a row: one more than there are truths, so that a recall beyond the last point reads 0. */
  #width = 1;
  /** `[A]` */
  #numTruths: Int32Array = new Int32Array(0);
  /** Of the best detection, which reaches a recall of 0 whatever its outcome. */
  #firstScore = NaN;

  constructor({ iouThresholds, recallThresholds, areaRanges, maxDets }: CocoParameters) {
    this.#recallThresholds = recallThresholds;
    this.#numThresholds = iouThresholds.length;
    this.#numAreas = areaRanges.length;
    this.#numLimits = maxDets.length;
    this.#detections = new Int32Array(areaRanges.length * maxDets.length);
    this.#changes = new Int32Array(iouThresholds.length * this.#detections.length);
    this.#truePositives = new Int32Array(this.#changes.length);
  }

  /** @param numTruths `[A]`: truths that are counted */
  startClass(numTruths: Int32Array): void {
    this.#numTruths = numTruths;
    this.#width = 1 + numTruths.reduce((a, b) => Math.max(a, b), 0);
    const size = this.#changes.length * this.#width;
    if (this.#precision.length < size) {
      this.#precision = new Float64Array(size);
      this.#scores = new Float64Array(size);
    }
    this.#precision.fill(0, 0, size);
    this.#scores.fill(0, 0, size);
    this.#detections.fill(0);
    this.#changes.fill(0);
    this.#truePositives.fill(0);
    this.#firstScore = NaN;
  }

  /** The class's next detection. */
  count({ score, limit, inside }: CountedDetection): void {
    if (Number.isNaN(this.#firstScore)) this.#firstScore = score;
    for (let a = 0; a < this.#numAreas; a++) {
      this.#detections[a * this.#numLimits + limit]! += (inside >> a) & 1;
    }
  }

  /**
   * The same detection's matches in area range a, as `CocoMatcher` gives them.
   *
   * @param found thresholds under which it is a true positive, as bits
   * @param ignored thresholds under which it fell to a truth that is not counted
   */
  countMatches({ score, limit, inside }: CountedDetection, a: number, found: number, ignored: number): void {
    const change = ((inside >> a) & 1) === 1 ? -1 : 1;
    const changed = change === -1 ? ignored : found;
    let detections = 0;
    for (let m = 0; m < this.#numLimits; m++) {
      detections += this.#detections[a * this.#numLimits + m]!;
      if (m < limit) continue;
      for (let bits = changed; bits !== 0; bits &= bits - 1) this.#changes[this.#row(bits, a, m)]! += change;
      for (let bits = found; bits !== 0; bits &= bits - 1) {
        this.#addPoint(this.#row(bits, a, m), detections, score);
      }
    }
  }

  /** The row of the threshold that the lowest bit set stands for. */
  #row(bits: number, a: number, m: number): number {
    return ((31 - Math.clz32(bits & -bits)) * this.#numAreas + a) * this.#numLimits + m;
  }

  #addPoint(row: number, detections: number, score: number): void {
    const truePositives = ++this.#truePositives[row]!;
    const at = row * this.#width + truePositives - 1;
    // pycocotools adds numpy's spacing(1) to the divisor
    this.#precision[at] = truePositives / (detections + this.#changes[row]! + Number.EPSILON);
    this.#scores[at] = score;
  }

  /** Enters the class into the tables at label k + 1, from IoU threshold `firstThreshold` on. */
  write(
    tables: CocoTables,
    { k, numClasses, firstThreshold }: { k: number; numClasses: number; firstThreshold: number },
  ): void {
    const numRows = this.#detections.length;
    const numRecalls = this.#recallThresholds.length;
    const points = this.#findPoints();
    for (let t = 0; t < this.#numThresholds; t++) {
      for (let row = t * numRows; row < (t + 1) * numRows; row++) this.#finish(row);
      this.#writeRecalls(tables.recall, t * numRows, ((firstThreshold + t) * numClasses + k) * numRows);
      for (let r = 0; r < numRecalls; r++) {
        const at = (((firstThreshold + t) * numRecalls + r) * numClasses + k) * numRows;
        this.#writePoints(tables, t * numRows, points.subarray(r * this.#numAreas), at);
        if (this.#recallThresholds[r]! <= 0) this.#writeFirstScore(tables.scores, at);
      }
    }
  }

  /** `[R, A]`: the first point that reaches each recall. */
  #findPoints(): Int32Array {
    const points = new Int32Array(this.#recallThresholds.length * this.#numAreas);
    this.#numTruths.forEach((count, a) => {
      let point = 0;
      this.#recallThresholds.forEach((threshold, r) => {
        while (point < count && (point + 1) / count < threshold) point++;
        points[r * this.#numAreas + a] = point;
      });
    });
    return points;
  }

  /** Makes a row's precision fall from left to right; −1 where there is no truth to find. */
  #finish(row: number): void {
    const start = row * this.#width;
    const precision = this.#precision;
    for (let i = start + this.#truePositives[row]! - 1; i > start; i--) {
      if (precision[i]! > precision[i - 1]!) precision[i - 1] = precision[i]!;
    }
    if (this.#truths(row) > 0) return;
    precision[start] = -1;
    this.#scores[start] = -1;
  }

  /** Truths of a row's area range. */
  #truths(row: number): number {
    return this.#numTruths[Math.floor(row / this.#numLimits) % this.#numAreas]!;
  }

  #writeRecalls(recall: Float64Array, row: number, at: number): void {
    for (let i = 0; i < this.#detections.length; i++) {
      const count = this.#truths(row + i);
      recall[at + i] = count === 0 ? -1 : this.#truePositives[row + i]! / count;
    }
  }

  /** The `[A, M]` entries of one IoU threshold and recall. */
  #writePoints(tables: CocoTables, row: number, points: Int32Array, at: number): void {
    const precision = this.#precision;
    const scores = this.#scores;
    const width = this.#width;
    let start = row * width;
    for (let a = 0; a < this.#numAreas; a++) {
      for (let m = 0; m < this.#numLimits; m++, at++, start += width) {
        tables.precision[at] = precision[start + points[a]!]!;
        tables.scores[at] = scores[start + points[a]!]!;
      }
    }
  }

  #writeFirstScore(scores: Float64Array, at: number): void {
    if (Number.isNaN(this.#firstScore)) return;
    for (let i = 0; i < this.#detections.length; i++) {
      if (this.#truths(i) > 0) scores[at + i] = this.#firstScore;
    }
  }
}
