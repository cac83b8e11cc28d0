import type { CocoParameters, CocoTables } from './cocoTables';

/**
 * The precision–recall curves of one class (pycocotools' `accumulate`): a row for each area range, number of detections
 * and IoU threshold, drawn while the class's detections come by descending score. Only a true positive raises recall or
 * precision, so a row has one point for each.
 */
export class CocoCurves {
  readonly #recallThresholds: Float64Array;
  readonly #numAreas: number;
  readonly #numLimits: number;
  readonly #numThresholds: number;
  /** `[A, M]`: detections so far whose own area is in the range */
  readonly #detections: Int32Array;
  /** `[A, M, T]`: what matches change in that number: a detection counts with its truth, whatever its own area */
  readonly #changes: Int32Array;
  /** `[A, M, T]` */
  readonly #truePositives: Int32Array;
  /** `[A, M, T, capacity]`: after each true positive */
  #precision = new Float64Array(0);
  /** `[A, M, T, capacity]` */
  #scores = new Float64Array(0);
  #capacity = 0;
  /** `[A]` */
  #numTruths: Int32Array = new Int32Array(0);
  /** `[A, R]`: the first point that reaches a recall */
  readonly #pointAt: Int32Array;
  /** Of the best detection, which reaches a recall of 0 whatever its outcome. */
  #firstScore = NaN;

  constructor({ iouThresholds, recallThresholds, areaRanges, maxDets }: CocoParameters) {
    this.#recallThresholds = recallThresholds;
    this.#numAreas = areaRanges.length;
    this.#numLimits = maxDets.length;
    this.#numThresholds = iouThresholds.length;
    this.#detections = new Int32Array(areaRanges.length * maxDets.length);
    this.#changes = new Int32Array(this.#detections.length * iouThresholds.length);
    this.#truePositives = new Int32Array(this.#changes.length);
    this.#pointAt = new Int32Array(areaRanges.length * recallThresholds.length);
  }

  /** @param numTruths `[A]`: truths that are counted */
  startClass(numTruths: Int32Array): void {
    this.#numTruths = numTruths;
    this.#capacity = numTruths.reduce((a, b) => Math.max(a, b), 0);
    const size = this.#changes.length * this.#capacity;
    if (this.#precision.length < size) {
      this.#precision = new Float64Array(size);
      this.#scores = new Float64Array(size);
    }
    this.#detections.fill(0);
    this.#changes.fill(0);
    this.#truePositives.fill(0);
    this.#firstScore = NaN;
    this.#findPoints();
  }

  #findPoints(): void {
    const { length } = this.#recallThresholds;
    this.#numTruths.forEach((count, a) => {
      let point = 0;
      for (let r = 0; r < length; r++) {
        while (point < count && (point + 1) / count < this.#recallThresholds[r]!) point++;
        this.#pointAt[a * length + r] = point;
      }
    });
  }

  /**
   * The next detection.
   *
   * @param from the first limit on the number of detections that counts it
   * @param inside bit a where its own area is in range a
   */
  count(score: number, from: number, inside: number): void {
    if (Number.isNaN(this.#firstScore)) this.#firstScore = score;
    for (let a = 0; a < this.#numAreas; a++) {
      if (((inside >> a) & 1) === 0) continue;
      for (let m = from; m < this.#numLimits; m++) this.#detections[a * this.#numLimits + m]!++;
    }
  }

  /** The same detection's matches in area range a: thresholds as bits, as `CocoMatcher` gives them. */
  countMatches(
    { score, from, inside }: { score: number; from: number; inside: number },
    a: number,
    found: number,
    ignored: number,
  ): void {
    const counted = ((inside >> a) & 1) === 1;
    const changed = counted ? ignored : found;
    for (let m = from; m < this.#numLimits; m++) {
      const row = (a * this.#numLimits + m) * this.#numThresholds;
      for (let bits = changed; bits !== 0; bits &= bits - 1) {
        this.#changes[row + lowestBit(bits)]! += counted ? -1 : 1;
      }
      const detections = this.#detections[a * this.#numLimits + m]!;
      for (let bits = found; bits !== 0; bits &= bits - 1) {
        this.#addPoint(row + lowestBit(bits), detections, score);
      }
    }
  }

  #addPoint(row: number, detections: number, score: number): void {
    const truePositives = ++this.#truePositives[row]!;
    const at = row * this.#capacity + truePositives - 1;
    // pycocotools adds numpy's spacing(1) to the divisor
    this.#precision[at] = truePositives / (detections + this.#changes[row]! + Number.EPSILON);
    this.#scores[at] = score;
  }

  /** Enters the class into the tables at label k + 1 and from IoU threshold `firstThreshold` on. */
  write(
    tables: CocoTables,
    { k, numClasses, firstThreshold }: { k: number; numClasses: number; firstThreshold: number },
  ): void {
    const numRows = this.#detections.length;
    for (let t = 0; t < this.#numThresholds; t++) {
      const at = (firstThreshold + t) * numClasses + k;
      for (let row = 0; row < numRows; row++) {
        const count = this.#numTruths[Math.floor(row / this.#numLimits)]!;
        const truePositives = this.#truePositives[row * this.#numThresholds + t]!;
        tables.recall[at * numRows + row] = count === 0 ? -1 : truePositives / count;
        this.#makeFall(row * this.#numThresholds + t);
      }
      for (let r = 0; r < this.#recallThresholds.length; r++) {
        const start = (((firstThreshold + t) * this.#recallThresholds.length + r) * numClasses + k) * numRows;
        this.#writeRecall(tables, start, t, r);
      }
    }
  }

  /** Makes a row's precision fall from left to right. */
  #makeFall(row: number): void {
    const start = row * this.#capacity;
    for (let i = start + this.#truePositives[row]! - 1; i > start; i--) {
      if (this.#precision[i]! > this.#precision[i - 1]!) this.#precision[i - 1] = this.#precision[i]!;
    }
  }

  /** The `[A, M]` entries of one IoU threshold and recall. */
  #writeRecall({ precision, scores }: CocoTables, start: number, t: number, r: number): void {
    const { length } = this.#recallThresholds;
    const first = this.#recallThresholds[r]! <= 0 && !Number.isNaN(this.#firstScore);
    for (let a = 0, row = 0; a < this.#numAreas; a++) {
      const point = this.#pointAt[a * length + r]!;
      for (let m = 0; m < this.#numLimits; m++, row++) {
        const points = row * this.#numThresholds + t;
        const reached = point < this.#truePositives[points]!;
        const none = this.#numTruths[a] === 0 ? -1 : 0;
        precision[start + row] = reached ? this.#precision[points * this.#capacity + point]! : none;
        scores[start + row] = reached ? this.#scores[points * this.#capacity + point]! : none;
        if (first && none === 0) scores[start + row] = this.#firstScore;
      }
    }
  }
}

/** Place of the lowest bit set. */
function lowestBit(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}
