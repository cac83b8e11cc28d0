import { trainLinearSvm, type LinearSvm, type LinearSvmOptions } from './linearSvm';
import { topK } from './topK';

export interface HardNegativeMinerOptions extends LinearSvmOptions {
  /** D */
  dimensions: number;
  /** Negatives: IoU with every object of the class below this. @default 0.3 R-CNN §2.3; .5 costs 5 mAP, 0 costs 4 */
  negativeIou?: number;
  /** Negatives that score above this are hard, and are added. @default -1.0001 R-CNN's code: all inside the margin */
  hardThreshold?: number;
  /** Negatives that score below this after a training are dropped. @default -1.2 R-CNN; Fast R-CNN's code has -1.1 */
  evictThreshold?: number;
  /** Trains again once more than this many have been added. @default 2000 R-CNN's code */
  retrainAfter?: number;
  /** Negatives kept at most, the hardest. @default 20000 so that memory has a bound; R-CNN has none */
  maxNegatives?: number;
  /** Factor on all features, see `FeatureNorm`. The machine that comes out takes unscaled ones. @default 1 */
  featureScale?: number;
}

/** All that a miner holds, to be stored with a checkpoint. */
export interface HardNegativeMinerState {
  /** `[positives + negatives, D]`, scaled. */
  examples: Float32Array;
  /** Positives, negatives added since the last training, trainings, passes of the last. */
  counts: Int32Array;
  /** `[D]`, for scaled features; zeros before the first training. */
  weights: Float32Array;
  /** Bias and objective. */
  scalars: Float64Array;
}

/**
 * The SVM of one class, trained in one pass over the images (R-CNN's `rcnn_train`): each image's hard negatives join a
 * cache; after enough new ones the machine is trained again and easy negatives leave the cache. Holds the positives and
 * at most `maxNegatives` + one image's regions, however many images there are.
 */
export class HardNegativeMiner {
  readonly #options: Required<Omit<HardNegativeMinerOptions, keyof LinearSvmOptions>> & LinearSvmOptions;
  /** Rows of examples: positives, then negatives. */
  #examples: Float32Array;
  #positives: number;
  #rows: number;
  #added = 0;
  #trainings = 0;
  #svm: LinearSvm;

  /** @param positives `[P, D]` features of the class's objects, unscaled */
  constructor(positives: Float32Array, options: HardNegativeMinerOptions) {
    this.#options = withDefaults(options);
    const { dimensions, featureScale } = this.#options;
    this.#examples = positives.map((value) => value * featureScale);
    this.#positives = this.#rows = positives.length / dimensions;
    this.#svm = { weights: new Float32Array(dimensions), bias: 0, objective: 0, passes: 0 };
    if (!Number.isInteger(this.#positives)) {
      throw new RangeError(
        `HardNegativeMiner: positives must have rows of ${dimensions}, got ${positives.length} numbers`,
      );
    }
  }

  /** Negatives in the cache. */
  get negatives(): number {
    return this.#rows - this.#positives;
  }

  /** Trainings so far. */
  get trainings(): number {
    return this.#trainings;
  }

  /** The machine as last trained, for unscaled features; of zeros before the first negatives. */
  get svm(): LinearSvm {
    const { featureScale } = this.#options;
    return { ...this.#svm, weights: this.#svm.weights.map((weight) => weight * featureScale) };
  }

  /**
   * Looks at the regions of one image, and trains where that is due.
   *
   * @param features `[R, D]`, unscaled
   * @param overlaps `[R]` each region's best IoU with an object of the class; the objects themselves have 1
   */
  add(features: Float32Array, overlaps: ArrayLike<number>): void {
    const { dimensions, negativeIou, hardThreshold, featureScale, retrainAfter } = this.#options;
    if (features.length !== overlaps.length * dimensions) {
      throw new RangeError(
        `HardNegativeMiner.add: features must be [R, D] = [${overlaps.length}, ${dimensions}], got ${features.length} numbers`,
      );
    }
    for (let r = 0; r < overlaps.length; r++) {
      if (overlaps[r]! >= negativeIou) continue;
      if (score(this.#svm, features, r * dimensions, featureScale) > hardThreshold) this.#append(features, r);
    }
    const isDue = this.#trainings === 0 ? this.negatives > 0 : this.#added > retrainAfter;
    if (isDue) this.#train();
    this.#keepHardest();
  }

  /** Trains once more if there is anything new, and gives the machine. */
  finish(): LinearSvm {
    if (this.#rows > 0 && (this.#added > 0 || this.#trainings === 0)) this.#train();
    return this.svm;
  }

  /** Its SVM and the negatives it holds, for a checkpoint. */
  state(): HardNegativeMinerState {
    const { bias, objective, passes, weights } = this.#svm;
    return {
      examples: this.#examples.slice(0, this.#rows * this.#options.dimensions),
      counts: Int32Array.of(this.#positives, this.#added, this.#trainings, passes),
      weights: weights.slice(),
      scalars: Float64Array.of(bias, objective),
    };
  }

  /** A miner that goes on where the one of `state` was; `options` must be the same. */
  static restore(state: HardNegativeMinerState, options: HardNegativeMinerOptions): HardNegativeMiner {
    const [positives, added, trainings, passes] = state.counts as unknown as [number, number, number, number];
    const [bias, objective] = state.scalars as unknown as [number, number];
    const miner = new HardNegativeMiner(new Float32Array(0), options);
    if (state.weights.length !== options.dimensions || state.examples.length % options.dimensions !== 0) {
      throw new RangeError(
        `HardNegativeMiner.restore: state must be of ${options.dimensions} dimensions, got ${state.weights.length}`,
      );
    }
    miner.#examples = state.examples.slice();
    miner.#positives = positives;
    miner.#rows = state.examples.length / options.dimensions;
    miner.#added = added;
    miner.#trainings = trainings;
    miner.#svm = { weights: state.weights.slice(), bias, objective, passes };
    return miner;
  }

  #append(features: Float32Array, row: number): void {
    const { dimensions, featureScale } = this.#options;
    const end = (this.#rows + 1) * dimensions;
    if (end > this.#examples.length) {
      const grown = new Float32Array(Math.max(end, Math.ceil(1.5 * this.#rows) * dimensions));
      grown.set(this.#examples.subarray(0, this.#rows * dimensions));
      this.#examples = grown;
    }
    const start = this.#rows * dimensions;
    for (let d = 0; d < dimensions; d++) {
      this.#examples[start + d] = features[row * dimensions + d]! * featureScale;
    }
    this.#rows++;
    this.#added++;
  }

  #train(): void {
    const { dimensions, evictThreshold, seed = 0 } = this.#options;
    const labels = new Int8Array(this.#rows).fill(1, 0, this.#positives);
    const features = this.#examples.subarray(0, this.#rows * dimensions);
    // Another order each time, and the same after a resume.
    const svmOptions = { ...this.#options, seed: seed + this.#trainings };
    this.#svm = trainLinearSvm({ features, dimensions, labels }, svmOptions);
    this.#trainings++;
    this.#added = 0;
    const scores = this.#negativeScores();
    this.#keepNegatives([...scores.keys()].filter((i) => scores[i]! >= evictThreshold));
  }

  #keepHardest(): void {
    const { maxNegatives } = this.#options;
    if (this.negatives <= maxNegatives) return;
    const scores = this.#negativeScores();
    this.#keepNegatives(topK(scores, { k: maxNegatives }).toSorted());
  }

  #negativeScores(): Float32Array {
    const { dimensions } = this.#options;
    return Float32Array.from({ length: this.negatives }, (_, i) =>
      score(this.#svm, this.#examples, (this.#positives + i) * dimensions, 1),
    );
  }

  /** Moves the negatives `kept` (ascending) together and forgets the others. */
  #keepNegatives(kept: ArrayLike<number>): void {
    const { dimensions } = this.#options;
    for (let i = 0; i < kept.length; i++) {
      const from = (this.#positives + kept[i]!) * dimensions;
      this.#examples.copyWithin((this.#positives + i) * dimensions, from, from + dimensions);
    }
    this.#rows = this.#positives + kept.length;
  }
}

function withDefaults(options: HardNegativeMinerOptions) {
  const { negativeIou = 0.3, hardThreshold = -1.0001, evictThreshold = -1.2 } = options;
  const { retrainAfter = 2000, maxNegatives = 20_000, featureScale = 1 } = options;
  const own = { negativeIou, hardThreshold, evictThreshold, retrainAfter, maxNegatives, featureScale };
  return { ...options, ...own };
}

function score({ weights, bias }: LinearSvm, features: Float32Array, start: number, scale: number): number {
  let sum = 0;
  for (let d = 0; d < weights.length; d++) sum += weights[d]! * features[start + d]!;
  return scale * sum + bias;
}
