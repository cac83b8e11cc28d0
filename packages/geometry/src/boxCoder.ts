import { countBoxes, isPositive } from './checks';
import type { Boxes } from './types';

export interface BoxCoderOptions {
  /**
   * Factors on (tx, ty, tw, th). @default [1, 1, 1, 1], the plain offsets of R-CNN appendix C; torchvision's Fast R-CNN
   * head uses [10, 10, 5, 5]
   */
  weights?: readonly [number, number, number, number];
  /**
   * Upper bound on a decoded log ratio, before `exp`. @default ln(1000 / 16) = 4.135, torchvision's, so that a
   * stride-16 cell cannot become larger than 1,000 px
   */
  bboxXformClip?: number;
}

/**
 * Boxes as offsets from other boxes: tx = (Gx − Px) / Pw, ty = (Gy − Py) / Ph, tw = ln(Gw / Pw), th = ln(Gh / Ph), with
 * centres and continuous sizes, each times its weight (R-CNN appendix C; torchvision's `BoxCoder`).
 */
export class BoxCoder {
  readonly weights: readonly [number, number, number, number];
  readonly bboxXformClip: number;

  constructor({ weights = [1, 1, 1, 1], bboxXformClip = Math.log(1000 / 16) }: BoxCoderOptions = {}) {
    if (weights.length !== 4 || !weights.every(isPositive)) {
      throw new RangeError(`BoxCoder: weights must be 4 positive numbers, got [${weights.join(', ')}]`);
    }
    if (typeof bboxXformClip !== 'number' || Number.isNaN(bboxXformClip))
      throw new RangeError(`BoxCoder: bboxXformClip must be a number, got ${String(bboxXformClip)}`);
    this.weights = weights;
    this.bboxXformClip = bboxXformClip;
  }

  /**
   * Offsets that lead from each proposal to its reference box.
   *
   * @param referenceBoxes `[N, 4]`, where to
   * @param proposals `[N, 4]`, where from
   * @returns `[N, 4]`: tx ty tw th
   * @throws RangeError where a side is not positive (its logarithm is not a number): filter with `removeSmallBoxes`
   */
  encode(referenceBoxes: Boxes, proposals: Boxes): Float32Array {
    const count = countBoxes('BoxCoder.encode', 'referenceBoxes', referenceBoxes);
    if (countBoxes('BoxCoder.encode', 'proposals', proposals) !== count) {
      throw new RangeError(
        `BoxCoder.encode: proposals must be as many as referenceBoxes (${count}), got ${proposals.length / 4}`,
      );
    }
    checkPositiveSides('referenceBoxes', referenceBoxes);
    checkPositiveSides('proposals', proposals);
    const [weightX, weightY, weightWidth, weightHeight] = this.weights;
    const codes = new Float32Array(proposals.length);
    for (let b = 0; b < proposals.length; b += 4) {
      const width = proposals[b + 2]! - proposals[b]!;
      const height = proposals[b + 3]! - proposals[b + 1]!;
      const toWidth = referenceBoxes[b + 2]! - referenceBoxes[b]!;
      const toHeight = referenceBoxes[b + 3]! - referenceBoxes[b + 1]!;
      const dx = referenceBoxes[b]! + 0.5 * toWidth - (proposals[b]! + 0.5 * width);
      const dy = referenceBoxes[b + 1]! + 0.5 * toHeight - (proposals[b + 1]! + 0.5 * height);
      codes[b] = (weightX * dx) / width;
      codes[b + 1] = (weightY * dy) / height;
      codes[b + 2] = weightWidth * Math.log(toWidth / width);
      codes[b + 3] = weightHeight * Math.log(toHeight / height);
    }
    return codes;
  }

  /**
   * Applies offsets to boxes. Not clipped to an image; NaN and ∞ in the offsets give NaN and ∞.
   *
   * @param codes `[N, 4]`, or `[N, C, 4]` for C classes a box
   * @param boxes `[N, 4]`
   * @returns boxes of the shape of `codes`
   */
  decode(codes: Float32Array, boxes: Boxes): Boxes {
    const count = countBoxes('BoxCoder.decode', 'boxes', boxes);
    const perBox = count === 0 ? 0 : codes.length / count;
    if (perBox % 4 !== 0 || (count === 0 && codes.length > 0)) {
      throw new RangeError(
        `BoxCoder.decode: codes must have 4 numbers a class for each of ${count} boxes, got ${codes.length}`,
      );
    }
    const [weightX, weightY, weightWidth, weightHeight] = this.weights;
    const out = new Float32Array(codes.length);
    for (let c = 0; c < codes.length; c += 4) {
      const b = 4 * Math.floor(c / perBox);
      const width = boxes[b + 2]! - boxes[b]!;
      const height = boxes[b + 3]! - boxes[b + 1]!;
      const x = boxes[b]! + 0.5 * width + (codes[c]! / weightX) * width;
      const y = boxes[b + 1]! + 0.5 * height + (codes[c + 1]! / weightY) * height;
      const halfWidth = 0.5 * width * Math.exp(Math.min(codes[c + 2]! / weightWidth, this.bboxXformClip));
      const halfHeight = 0.5 * height * Math.exp(Math.min(codes[c + 3]! / weightHeight, this.bboxXformClip));
      out[c] = x - halfWidth;
      out[c + 1] = y - halfHeight;
      out[c + 2] = x + halfWidth;
      out[c + 3] = y + halfHeight;
    }
    return out;
  }
}

function checkPositiveSides(name: string, boxes: Boxes): void {
  for (let b = 0; b < boxes.length; b += 4) {
    const width = boxes[b + 2]! - boxes[b]!;
    const height = boxes[b + 3]! - boxes[b + 1]!;
    if (!(width > 0 && height > 0)) {
      throw new RangeError(
        `BoxCoder.encode: ${name} must have positive sides, got ${width} × ${height} for box ${b / 4}; use removeSmallBoxes first`,
      );
    }
  }
}
