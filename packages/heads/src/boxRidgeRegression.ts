import { boxIou, BoxCoder, gatherBoxes, Matcher, type Boxes } from '@roikit/geometry';
import { CholeskyDecomposition, Matrix } from 'ml-matrix';

export interface BoxRidgeRegressionOptions {
  /** D */
  dimensions: number;
  /** λ. @default 1000 R-CNN App. C; SPP-net's code has 4000 */
  lambda?: number;
  /** Factor on all features, see `FeatureNorm`. The regressor that comes out takes unscaled ones. @default 1 */
  featureScale?: number;
}

/** Box offsets of x are x · weights + bias. */
export interface LinearBoxRegressor {
  /** `[D, 4]` */
  weights: Float32Array;
  /** `[4]` */
  bias: Float32Array;
}

/** All that a regression has gathered, to be stored with a checkpoint. */
export interface BoxRidgeRegressionState {
  /** XᵀX, its upper triangle, in rows of D + 1 rounded up to a multiple of 4. */
  gram: Float64Array;
  /** `[D + 1, 4]` XᵀY; the last row is the sum of the targets. */
  moments: Float64Array;
}

/** Examples taken together into XᵀX, so that the matrix, far larger than caches, is read once for so many. */
const BLOCK = 64;

/** Entries of a row of XᵀX that are worked out side by side: each value loaded is used as often. */
const LANES = 4;

/**
 * The bounding-box regressor of one class (R-CNN App. C): ridge regression from features to box offsets, gathered
 * example by example into XᵀX and XᵀY, (D + 1)² float64 however many examples there are.
 *
 * As in R-CNN's code the targets' mean is taken off first, and λ weighs on the bias as well. Its whitening of the
 * targets is left out: with one λ for all four it cancels when it is undone (tested).
 */
export class BoxRidgeRegression {
  /** D + 1, the last for the bias. */
  readonly #size: number;
  /** From row to row of XᵀX. */
  readonly #stride: number;
  readonly #lambda: number;
  readonly #featureScale: number;
  #gram: Float64Array;
  #moments: Float64Array;
  /** `[stride, BLOCK]`, examples as columns; 1 in row D, 0 below. */
  readonly #block: Float64Array;
  #blockLength = 0;

  constructor({ dimensions, lambda = 1000, featureScale = 1 }: BoxRidgeRegressionOptions) {
    if (typeof lambda !== 'number' || !(lambda > 0))
      throw new RangeError(`BoxRidgeRegression: lambda must be positive, got ${String(lambda)}`);
    this.#size = dimensions + 1;
    this.#lambda = lambda;
    this.#featureScale = featureScale;
    this.#stride = LANES * Math.ceil(this.#size / LANES);
    this.#gram = new Float64Array(this.#size * this.#stride);
    this.#moments = new Float64Array(4 * this.#size);
    this.#block = new Float64Array(this.#stride * BLOCK);
  }

  /** Examples so far. */
  get count(): number {
    return this.#gramAt(this.#size - 1, this.#size - 1) + this.#blockLength; // Σ 1 · 1
  }

  /**
   * Takes N regions into the sums of the regression.
   *
   * @param features `[N, D]`, unscaled
   * @param targets `[N, 4]` offsets from each region to its object, without weights
   */
  add(features: Float32Array, targets: Float32Array): void {
    const dimensions = this.#size - 1;
    const count = targets.length / 4;
    if (!Number.isInteger(count) || features.length !== count * dimensions) {
      throw new RangeError(
        `BoxRidgeRegression.add: features must be [N, D] = [${count}, ${dimensions}], got ${features.length} numbers`,
      );
    }
    if (!features.every(Number.isFinite) || !targets.every(Number.isFinite))
      throw new RangeError(
        'BoxRidgeRegression.add: features and targets must be finite; leave such regions out',
      );
    for (let n = 0; n < count; n++) {
      const column = this.#blockLength;
      for (let d = 0; d < dimensions; d++) {
        this.#block[d * BLOCK + column] = this.#featureScale * features[n * dimensions + d]!;
      }
      this.#block[dimensions * BLOCK + column] = 1;
      for (let d = 0; d < this.#size; d++) {
        const x = this.#block[d * BLOCK + column]!;
        for (let k = 0; k < 4; k++) this.#moments[4 * d + k]! += x * targets[4 * n + k]!;
      }
      this.#blockLength++;
      if (this.#blockLength === BLOCK) this.#flush();
    }
  }

  /** The regressor of what was added; zeros, which leave boxes as they are, where nothing was. */
  solve(): LinearBoxRegressor {
    this.#flush();
    const dimensions = this.#size - 1;
    const weights = new Float32Array(4 * dimensions);
    const bias = new Float32Array(4);
    if (this.count === 0) return { weights, bias };
    const means = Array.from({ length: 4 }, (_, k) => this.#moments[4 * dimensions + k]! / this.count);
    const solution = this.#solveCentred(means);
    for (let i = 0; i < weights.length; i++) {
      weights[i] = this.#featureScale * solution.get(i >> 2, i & 3);
    }
    means.forEach((mean, k) => (bias[k] = solution.get(dimensions, k) + mean));
    return { weights, bias };
  }

  /** What was added so far, for a checkpoint. */
  state(): BoxRidgeRegressionState {
    this.#flush();
    return { gram: this.#gram.slice(), moments: this.#moments.slice() };
  }

  /** A regression that goes on where the one of `state` was; `options` must be the same. */
  static restore(state: BoxRidgeRegressionState, options: BoxRidgeRegressionOptions): BoxRidgeRegression {
    const regression = new BoxRidgeRegression(options);
    if (state.gram.length !== regression.#gram.length) {
      throw new RangeError(
        `BoxRidgeRegression.restore: state must be of ${options.dimensions} dimensions, got ${state.moments.length / 4 - 1}`,
      );
    }
    regression.#gram = state.gram.slice();
    regression.#moments = state.moments.slice();
    return regression;
  }

  /** (XᵀX + λI)⁻¹ Xᵀ(Y − mean). */
  #solveCentred(means: readonly number[]): Matrix {
    const size = this.#size;
    const ridge = new Matrix(size, size);
    const right = new Matrix(size, 4);
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) ridge.set(i, j, this.#gramAt(i, j) + (i === j ? this.#lambda : 0));
      for (let k = 0; k < 4; k++) {
        right.set(i, k, this.#moments[4 * i + k]! - this.#gramAt(i, size - 1) * means[k]!);
      }
    }
    return new CholeskyDecomposition(ridge).solve(right);
  }

  #gramAt(i: number, j: number): number {
    return this.#gram[Math.min(i, j) * this.#stride + Math.max(i, j)]!;
  }

  /** Adds the block to XᵀX; lanes left of the diagonal are worked out too, and never read. */
  #flush(): void {
    const [block, gram, stride] = [this.#block, this.#gram, this.#stride];
    for (let i = 0; i < this.#size; i++) {
      for (let j = i - (i % LANES); j < stride; j += LANES) {
        let sum0 = 0;
        let sum1 = 0;
        let sum2 = 0;
        let sum3 = 0;
        for (let n = 0, a = i * BLOCK, b = j * BLOCK; n < this.#blockLength; n++, a++, b++) {
          const x = block[a]!;
          sum0 += x * block[b]!;
          sum1 += x * block[b + BLOCK]!;
          sum2 += x * block[b + 2 * BLOCK]!;
          sum3 += x * block[b + 3 * BLOCK]!;
        }
        const at = i * stride + j;
        gram[at]! += sum0;
        gram[at + 1]! += sum1;
        gram[at + 2]! += sum2;
        gram[at + 3]! += sum3;
      }
    }
    this.#blockLength = 0;
  }
}

export interface BoxRegressionExamplesOptions {
  /** Least IoU with an object. @default 0.6 R-CNN App. C; SPP-net .5 */
  minIou?: number;
}

/**
 * The regions a class's regressor learns from, and their offsets (R-CNN App. C): those that overlap one of its objects
 * enough, each with the one it overlaps most.
 *
 * @param regions `[R, 4]`
 * @param objects `[M, 4]` objects of the class
 * @returns `rows`: which regions; `targets` `[rows, 4]`
 */
export function boxRegressionExamples(
  regions: Boxes,
  objects: Boxes,
  { minIou = 0.6 }: BoxRegressionExamplesOptions = {},
): { rows: Int32Array; targets: Float32Array } {
  const matcher = new Matcher({ highThreshold: minIou, lowThreshold: minIou });
  const shape = { numGroundTruth: objects.length / 4, numPredictions: regions.length / 4 };
  const match = matcher.match(boxIou(objects, regions), shape);
  const rows = Int32Array.from([...match.keys()].filter((region) => match[region]! >= 0));
  const matched = gatherBoxes(
    objects,
    rows.map((region) => match[region]!),
  );
  return { rows, targets: new BoxCoder().encode(matched, gatherBoxes(regions, rows)) };
}
