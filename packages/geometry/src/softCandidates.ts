import { boxColumns, columnIou, mayOverlap, sidesAt, type BoxColumns } from './boxColumns';
import type { Boxes } from './types';

/** How scores fall, and from where on a box is dropped. */
export interface Decay {
  method: 'linear' | 'gaussian';
  iouThreshold: number;
  sigma: number;
  scoreThreshold: number;
}

/** In place of the score of a box that was taken or dropped. */
const GONE = -1;

/** The boxes of one label from which soft-NMS has still to choose, by ascending index. */
export class SoftCandidates {
  readonly #boxes: Boxes;
  readonly #decay: Decay;
  /** Of those that are left and of some that are gone. */
  #indices: Int32Array;
  #columns: BoxColumns;
  #scores: Float64Array;
  readonly #found: Int32Array;
  #length: number;
  /** Place of the best. */
  #best = 0;

  /** @param indices of `boxes` and `scores`, ascending, with scores from the threshold on */
  constructor(boxes: Boxes, scores: Float32Array, indices: Int32Array, decay: Decay) {
    this.#boxes = boxes;
    this.#decay = decay;
    this.#indices = indices;
    this.#columns = boxColumns(boxes, indices);
    this.#scores = new Float64Array(indices.length);
    for (let i = 0; i < indices.length; i++) this.#scores[i] = scores[indices[i]!]!;
    this.#found = new Int32Array(indices.length);
    this.#length = indices.length;
    this.#findBest();
  }

  /** How many are left. */
  get length(): number {
    return this.#length;
  }

  /** Index of the best; of equal ones the lowest. */
  get best(): number {
    return this.#indices[this.#best]!;
  }

  get bestScore(): number {
    return this.#scores[this.#best]!;
  }

  /** Takes the best out, and lowers the scores of those that overlap it. */
  takeBest(): void {
    const { method, iouThreshold, sigma, scoreThreshold } = this.#decay;
    const [columns, scores, found] = [this.#columns, this.#scores, this.#found];
    const own = sidesAt(columns, this.#best);
    scores[this.#best] = GONE;
    this.#length--;
    const count = mayOverlap(own, columns, method === 'linear' ? iouThreshold : 0, found);
    for (let i = 0; i < count; i++) {
      const at = found[i]!;
      if (scores[at] === GONE) continue;
      const iou = columnIou(own, columns, at);
      if (method === 'gaussian') scores[at]! *= Math.exp((-iou * iou) / sigma);
      else if (iou > iouThreshold) scores[at]! *= 1 - iou;
      if (!(scores[at]! < scoreThreshold)) continue;
      scores[at] = GONE;
      this.#length--;
    }
    if (2 * this.#length < scores.length) this.#moveUp();
    this.#findBest();
  }

  #findBest(): void {
    const scores = this.#scores;
    let best = scores.findIndex((score) => score !== GONE);
    for (let i = best + 1; i < scores.length; i++) if (scores[i]! > scores[best]!) best = i;
    this.#best = best;
  }

  /** Leaves out those that are gone. */
  #moveUp(): void {
    const [indices, scores] = [this.#indices, this.#scores];
    this.#indices = indices.filter((_, i) => scores[i] !== GONE);
    this.#scores = scores.filter((score) => score !== GONE);
    this.#columns = boxColumns(this.#boxes, this.#indices);
  }
}
