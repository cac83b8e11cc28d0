import type { FlatDetections, FlatTruths } from './cocoInput';

/** pycocotools' start value: a threshold of 1 still accepts an IoU that rounding left just below. */
const LARGEST_THRESHOLD = 1 - 1e-10;

/** IoU thresholds that one matcher can take: one bit of an integer each. */
export const MOST_THRESHOLDS = 31;

/**
 * COCO's greedy matching (pycocotools' `evaluateImg`): of each detection of a class in turn, by descending score. Bit t
 * of a mask stands for IoU threshold t, so that all thresholds are matched at once.
 */
export class CocoMatcher {
  /** `[A]`: thresholds under which the last detection is a true positive. */
  readonly found: Int32Array;
  /** `[A]`: thresholds under which it fell to a truth that is not counted. */
  readonly ignored: Int32Array;
  readonly #detections: FlatDetections;
  readonly #truths: FlatTruths;
  /** `[T]` */
  readonly #thresholds: Float64Array;
  /** `[numImages]`: where the class's truths of an image begin and end. */
  readonly #first: Int32Array;
  readonly #end: Int32Array;
  /** `[n, A]`: thresholds under which a truth is taken. */
  readonly #taken: Int32Array;
  // The last detection's candidates by falling IoU, of equal ones the last truth first.
  readonly #candidates: number[] = [];
  readonly #ious: number[] = [];
  /** Thresholds that the candidate's IoU reaches. */
  readonly #reached: number[] = [];

  constructor(
    detections: FlatDetections,
    truths: FlatTruths,
    {
      iouThresholds,
      numAreas,
      numImages,
    }: { iouThresholds: Float64Array; numAreas: number; numImages: number },
  ) {
    this.#detections = detections;
    this.#truths = truths;
    this.#thresholds = iouThresholds.map((threshold) => Math.min(threshold, LARGEST_THRESHOLD));
    this.found = new Int32Array(numAreas);
    this.ignored = new Int32Array(numAreas);
    this.#first = new Int32Array(numImages);
    this.#end = new Int32Array(numImages);
    this.#taken = new Int32Array(truths.image.length * numAreas);
  }

  startClass(k: number): void {
    const { starts, image } = this.#truths;
    this.#end.fill(0);
    for (let t = starts[k]!; t < starts[k + 1]!; t++) {
      const at = image[t]!;
      if (this.#end[at] === 0) this.#first[at] = t;
      this.#end[at] = t + 1;
    }
  }

  /** Writes `found` and `ignored` for a detection of the class; false, and nothing written, where it reaches no truth. */
  match(detection: number): boolean {
    const image = this.#detections.image[detection]!;
    const end = this.#end[image]!;
    if (end === 0) return false;
    const count = this.#findCandidates(detection, this.#first[image]!, end);
    for (let a = 0; a < this.found.length && count > 0; a++) this.#assign(a, count);
    return count > 0;
  }

  /** Lists the truths from `first` to `end` that reach a threshold; returns their number. */
  #findCandidates(detection: number, first: number, end: number): number {
    let count = 0;
    for (let truth = first; truth < end; truth++) {
      const iou = this.#overlap(detection, truth);
      const reached = this.#reachedBy(iou);
      if (reached === 0) continue;
      let at = count++;
      for (; at > 0 && this.#ious[at - 1]! <= iou; at--) {
        this.#candidates[at] = this.#candidates[at - 1]!;
        this.#ious[at] = this.#ious[at - 1]!;
        this.#reached[at] = this.#reached[at - 1]!;
      }
      this.#candidates[at] = truth;
      this.#ious[at] = iou;
      this.#reached[at] = reached;
    }
    return count;
  }

  /** IoU; with a crowd the share of the detection inside (maskApi.c, bbIou). */
  #overlap(detection: number, truth: number): number {
    const d = this.#detections.corners;
    const g = this.#truths.corners;
    const i = 4 * detection;
    const j = 4 * truth;
    const width = Math.min(d[i + 2]!, g[j + 2]!) - Math.max(d[i]!, g[j]!);
    if (width <= 0) return 0;
    const height = Math.min(d[i + 3]!, g[j + 3]!) - Math.max(d[i + 1]!, g[j + 1]!);
    if (height <= 0) return 0;
    const inter = width * height;
    const area = this.#detections.areas[detection]!;
    return inter / (this.#truths.crowd[truth] === 1 ? area : area + this.#truths.areas[truth]! - inter);
  }

  #reachedBy(iou: number): number {
    const thresholds = this.#thresholds;
    let bits = 0;
    for (let t = 0; t < thresholds.length; t++) if (iou >= thresholds[t]!) bits |= 1 << t;
    return bits;
  }

  /** Under each threshold the free truth that overlaps most: a counted one, or else one that is not; a crowd is always free. */
  #assign(a: number, count: number): void {
    const { ignored, crowd } = this.#truths;
    const taken = this.#taken;
    const numAreas = this.found.length;
    let open = -1; // thresholds under which the detection has no truth yet
    this.found[a] = 0;
    this.ignored[a] = 0;
    for (let pass = 0; pass < 2; pass++) {
      const outcome = pass === 0 ? this.found : this.ignored;
      for (let c = 0; c < count; c++) {
        const truth = this.#candidates[c]!;
        if (((ignored[truth]! >> a) & 1) !== pass) continue;
        const slot = truth * numAreas + a;
        const hit = this.#reached[c]! & open & (crowd[truth] === 1 ? -1 : ~taken[slot]!);
        taken[slot]! |= hit;
        outcome[a]! |= hit;
        open &= ~hit;
      }
    }
  }
}
