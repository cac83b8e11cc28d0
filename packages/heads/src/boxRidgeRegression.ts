import { boxIou, BoxCoder, Matcher, type Boxes } from '@roikit/geometry';
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
  /** `[D + 1, D + 1]` XᵀX, its upper triangle. */
  gram: Float64Array;
  /** `[D + 1, 4]` XᵀY; the last row is the sum of the targets, their number the last entry of `gram`. */
  moments: Float64Array;
}

/** Examples taken together into XᵀX: a block this long is read once, while the matrix is far larger than caches. */
const BLOCK = 64;

/**
 * The bounding-box regressor of one class (R-CNN App. C): ridge regression from features to box offsets, gathered
 * example by example into XᵀX and XᵀY, (D + 1)² float64 however many examples there are.
 *
 * As in R-CNN's code the targets' mean is taken off first, and λ weighs on the bias as well. Its whitening of the
 * targets is left out: with one λ for all four it cancels when it is undone (tested).
 */
export class BoxRidgeRegression {
  readonly #size: number;
  readonly #lambda: number;
  readonly #featureScale: number;
  #gram: Float64Array;
  #moments: Float64Array;
  /** `[D + 1, BLOCK]`, examples as columns; 1 in the last row. */
  readonly #block: Float64Array;
  #blockLength = 0;

  constructor({ dimensions, lambda = 1000, featureScale = 1 }: BoxRidgeRegressionOptions) {
    if (!(lambda > 0)) throw new RangeError(`BoxRidgeRegression: lambda must be positive, got ${lambda}`);
    this.#size = dimensions + 1;
    this.#lambda = lambda;
    this.#featureScale = featureScale;
    this.#gram = new Float64Array(this.#size * this.#size);
    this.#moments = new Float64Array(4 * this.#size);
    this.#block = new Float64Array(this.#size * BLOCK);
  }

  /** Examples so far. */
  get count(): number {
    return this.#gram.at(-1)! + this.#blockLength;
  }

  /**
   * @param features `[N, D]`, unscaled
   * @param targets `[N, 4]` offsets from each region to its object, without weights
   */
  add(features: Float32Array, targets: Float32Array): void {
    const dimensions = this.#size - 1;
    const count = targets.length / 4;
    if (features.length !== count * dimensions) {
      throw new RangeError(
        `BoxRidgeRegression.add: features must be [N, D] = [${count}, ${dimensions}], got ${features.length} numbers`,
      );
    }
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

  state(): BoxRidgeRegressionState {
    this.#flush();
    return { gram: this.#gram.slice(), moments: this.#moments.slice() };
  }

  /** A regression that goes on where the one of `state` was; `options` must be the same. */
  static restore(state: BoxRidgeRegressionState, options: BoxRidgeRegressionOptions): BoxRidgeRegression {
    const regression = new BoxRidgeRegression(options);
    if (state.gram.length !== regression.#gram.length) {
      throw new RangeError(
        `BoxRidgeRegression.restore: state must be of ${options.dimensions} dimensions, got ${Math.sqrt(state.gram.length) - 1}`,
      );
    }
    regression.#gram = state.gram.slice();
    regression.#moments = state.moments.slice();
    return regression;
  }

  /** (XᵀX + λI)⁻¹ Xᵀ(Y − mean). */
  #solveCentred(means: readonly number[]): Matrix {
    const size = this.#size;
    const gramAt = (i: number, j: number) => this.#gram[Math.min(i, j) * size + Math.max(i, j)]!;
    const ridge = new Matrix(size, size);
    const right = new Matrix(size, 4);
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) ridge.set(i, j, gramAt(i, j) + (i === j ? this.#lambda : 0));
      for (let k = 0; k < 4; k++) {
        right.set(i, k, this.#moments[4 * i + k]! - gramAt(i, size - 1) * means[k]!);
      }
    }
    return new CholeskyDecomposition(ridge).solve(right);
  }

  #flush(): void {
    const [block, gram, size] = [this.#block, this.#gram, this.#size];
    for (let i = 0; i < size; i++) {
      for (let j = i; j < size; j++) {
        let sum = 0;
        for (let n = 0; n < this.#blockLength; n++) sum += block[i * BLOCK + n]! * block[j * BLOCK + n]!;
        gram[i * size + j]! += sum;
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
  const gather = (boxes: Boxes, indices: Int32Array) =>
    Float32Array.from({ length: 4 * indices.length }, (_, i) => boxes[4 * indices[i >> 2]! + (i & 3)]!);
  const matched = gather(
    objects,
    rows.map((region) => match[region]!),
  );
  return { rows, targets: new BoxCoder().encode(matched, gather(regions, rows)) };
}
