/**
 * The mean norm of features, from as many images as are added (R-CNN takes 200 boxes of each of 200 images).
 * SVM and ridge regression expect it at 20: their C and λ were chosen there.
 */
export class FeatureNorm {
  #sum: number;
  #count: number;

  /** Goes on from what `state` gave. */
  constructor([sum, count]: readonly [number, number] = [0, 0]) {
    this.#sum = sum;
    this.#count = count;
  }

  /** Sum of the norms and how many, to be stored with a checkpoint. */
  get state(): [sum: number, count: number] {
    return [this.#sum, this.#count];
  }

  /**
   * Takes N rows into the mean.
   *
   * @param features `[N, D]`
   */
  add(features: Float32Array, dimensions: number): void {
    for (let start = 0; start < features.length; start += dimensions) {
      let square = 0;
      for (let i = start; i < start + dimensions; i++) square += features[i]! * features[i]!;
      this.#sum += Math.sqrt(square);
      this.#count++;
    }
  }

  /**
   * What to multiply features with so that their mean norm is `targetNorm`; 1 while there is none.
   *
   * @param targetNorm @default 20 R-CNN's code
   */
  scale(targetNorm = 20): number {
    return this.#sum > 0 ? (targetNorm * this.#count) / this.#sum : 1;
  }
}
