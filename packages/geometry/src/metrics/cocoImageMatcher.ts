import { intersection, sideProduct } from '../pair';
import type { Boxes } from '../types';
import { IGNORED, TRUE_POSITIVE } from './outcomes';

/** pycocotools' start value: a threshold of 1 still accepts an IoU that rounding left just below. */
const LARGEST_THRESHOLD = 1 - 1e-10;

/** COCO's greedy matching of one class in one image; the arrays are reused from image to image. */
export class ImageMatcher {
  /** `[D, G]` */
  readonly #ious: Float64Array;
  /** `[G]` */
  readonly #crowd: Uint8Array;
  /** `[G]`: counted truths first, then the ignored ones */
  readonly #order: Int32Array;
  /** `[G]` */
  readonly #taken: Uint8Array;
  #numDetections = 0;
  #numTruths = 0;
  #numCounted = 0;

  constructor(maxDetections: number, maxTruths: number) {
    this.#ious = new Float64Array(maxDetections * maxTruths);
    this.#crowd = new Uint8Array(maxTruths);
    this.#order = new Int32Array(maxTruths);
    this.#taken = new Uint8Array(maxTruths);
  }

  /**
   * Computes the image's overlaps: IoU, but for a crowd intersection over the detection's area (maskApi.c, bbIou).
   *
   * @param truths `[G]`, indices into the image's truths
   * @param found `[D]`, indices into the image's detections by descending score
   */
  load(
    truth: { boxes: Boxes; crowd?: Uint8Array },
    truths: Int32Array,
    detections: { boxes: Boxes },
    found: Int32Array,
  ): void {
    this.#numTruths = truths.length;
    this.#numDetections = found.length;
    for (let g = 0; g < truths.length; g++) this.#crowd[g] = truth.crowd?.[truths[g]!] ? 1 : 0;
    for (let d = 0, o = 0; d < found.length; d++) {
      const i = found[d]! * 4;
      const area = sideProduct(detections.boxes, i);
      for (let g = 0; g < truths.length; g++, o++) {
        const j = truths[g]! * 4;
        const inter = intersection(detections.boxes, i, truth.boxes, j);
        const union = this.#crowd[g] === 1 ? area : area + sideProduct(truth.boxes, j) - inter;
        this.#ious[o] = inter === 0 ? 0 : inter / union;
      }
    }
  }

  /** Fixes the order in which truths are tried. @param ignored `[G]` */
  orderTruths(ignored: Uint8Array): void {
    let length = 0;
    for (let g = 0; g < this.#numTruths; g++) if (ignored[g] === 0) this.#order[length++] = g;
    this.#numCounted = length;
    for (let g = 0; g < this.#numTruths; g++) if (ignored[g] === 1) this.#order[length++] = g;
  }

  /**
   * Matches the detections in turn, and writes the outcome of those that match at their `positions`.
   *
   * @param positions `[D]`, into `outcomes`
   */
  match(iouThreshold: number, positions: Int32Array, outcomes: Uint8Array): void {
    this.#taken.fill(0, 0, this.#numTruths);
    const least = Math.min(iouThreshold, LARGEST_THRESHOLD);
    for (let d = 0; d < this.#numDetections; d++) {
      let truth = this.#best(d, least, 0, this.#numCounted);
      const outcome = truth >= 0 ? TRUE_POSITIVE : IGNORED;
      if (truth < 0) truth = this.#best(d, least, this.#numCounted, this.#numTruths);
      if (truth < 0) continue;
      this.#taken[truth] = 1;
      outcomes[positions[d]!] = outcome;
    }
  }

  /** The free truth that overlaps most, the last of equals; a crowd is always free. −1 where none reaches `least`. */
  #best(d: number, least: number, from: number, to: number): number {
    let best = -1;
    for (let i = from; i < to; i++) {
      const g = this.#order[i]!;
      const iou = this.#ious[d * this.#numTruths + g]!;
      if (iou < least || (this.#taken[g] === 1 && this.#crowd[g] === 0)) continue;
      least = iou;
      best = g;
    }
    return best;
  }
}
