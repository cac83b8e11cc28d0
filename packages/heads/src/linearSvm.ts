import { mulberry32 } from '@roikit/geometry';

export interface LinearSvmOptions {
  /** C: what an example on the wrong side of its margin costs. @default 1e-3 R-CNN's code */
  cost?: number;
  /** B: the bias is the weight of a feature of this value, regularised with the others. @default 10 R-CNN's code */
  biasMultiplier?: number;
  /** Factor on C for positives. @default 2 R-CNN's code */
  positiveWeight?: number;
  /**
   * Stops once the duality gap is at most this share of the objective, which is then as near to the optimum. (liblinear
   * bounds the spread of projected gradients, which says little where C is large.)
   * @default 1e-3
   */
  tolerance?: number;
  /** Passes over the examples at most. @default 1000 liblinear's */
  maxPasses?: number;
  /** Seeds the order of the examples. @default 0 */
  seed?: number;
}

/** Examples as rows of one matrix. */
export interface SvmExamples {
  /** `[N, D]`, row by row. */
  features: Float32Array;
  /** D */
  dimensions: number;
  /** `[N]`: positive where > 0. */
  labels: ArrayLike<number>;
}

/** The score of x is weights · x + bias. */
export interface LinearClassifier {
  /** `[D]` */
  weights: Float32Array;
  bias: number;
}

export interface LinearSvm extends LinearClassifier {
  /** ½‖w‖² + C Σ max(0, 1 − y score), the bias's share of w included. */
  objective: number;
  /** Passes taken. */
  passes: number;
}

/**
 * A linear SVM by dual coordinate descent with shrinking (Hsieh et al. 2008, Algorithm 3; liblinear's solver 3,
 * L2-regularised hinge loss), as R-CNN trains one for each class. The same examples and seed give the same machine.
 *
 * @throws RangeError where lengths do not fit or an option is out of range
 */
export function trainLinearSvm(examples: SvmExamples, options: LinearSvmOptions = {}): LinearSvm {
  const { tolerance = 1e-3, maxPasses = 1000, seed = 0 } = options;
  checkExamples(examples, options);
  const problem = new DualProblem(examples, options);
  const random = mulberry32(seed);
  let spread = 0.1; // liblinear's for this loss; tightened until the gap is closed
  let passes = 0;
  while (passes < maxPasses) {
    passes++;
    if (problem.pass(random) > spread) continue;
    if (problem.isWhole) {
      if (problem.gap() <= tolerance * problem.objective()) break;
      spread /= 4;
    }
    problem.restoreShrunk();
  }
  return { ...problem.classifier(), objective: problem.objective(), passes };
}

/** The dual variables of all examples, and the primal weights they make. */
class DualProblem {
  readonly #features: Float32Array;
  readonly #signs: Int8Array;
  readonly #bounds: [negative: number, positive: number];
  readonly #biasValue: number;
  readonly #alphas: Float64Array;
  readonly #weights: Float64Array;
  #biasWeight = 0;
  /** ‖x‖², the diagonal of the dual's matrix. */
  readonly #squares: Float64Array;
  /** The first `#active` are looked at; the others are shrunk: at a bound that they will likely keep. */
  readonly #order: Int32Array;
  #active: number;
  /** Largest and smallest projected gradient of the pass before. */
  #highest = Infinity;
  #lowest = -Infinity;

  constructor({ features, dimensions, labels }: SvmExamples, options: LinearSvmOptions) {
    const { cost = 1e-3, biasMultiplier = 10, positiveWeight = 2 } = options;
    this.#features = features;
    this.#signs = Int8Array.from(labels, (label) => (label > 0 ? 1 : -1));
    this.#bounds = [cost, cost * positiveWeight];
    this.#biasValue = biasMultiplier;
    this.#alphas = new Float64Array(labels.length);
    this.#weights = new Float64Array(dimensions);
    this.#order = Int32Array.from(labels, (_, i) => i);
    this.#active = labels.length;
    this.#squares = Float64Array.from(labels, (_, i) => {
      const row = features.subarray(i * dimensions, (i + 1) * dimensions);
      return row.reduce((sum, value) => sum + value * value, biasMultiplier * biasMultiplier);
    });
  }

  get isWhole(): boolean {
    return this.#active === this.#order.length;
  }

  /** Looks at every example again, in the next pass. */
  restoreShrunk(): void {
    this.#active = this.#order.length;
    this.#highest = Infinity;
    this.#lowest = -Infinity;
  }

  /** One step for each active example, in random order; gives the spread of their projected gradients. */
  pass(random: () => number): number {
    let [highest, lowest] = [-Infinity, Infinity];
    shuffle(this.#order, this.#active, random);
    for (let s = 0; s < this.#active; s++) {
      const i = this.#order[s]!;
      const gradient = this.#signs[i]! * this.#score(i) - 1;
      if (this.#isSettled(i, gradient)) {
        this.#active--;
        this.#order[s] = this.#order[this.#active]!;
        this.#order[this.#active] = i;
        s--;
        continue;
      }
      const projected = this.#project(i, gradient);
      highest = Math.max(highest, projected);
      lowest = Math.min(lowest, projected);
      if (Math.abs(projected) > 1e-12) this.#step(i, gradient); // liblinear's
    }
    this.#highest = highest <= 0 ? Infinity : highest;
    this.#lowest = lowest >= 0 ? -Infinity : lowest;
    return highest - lowest; // -Infinity where none is active
  }

  #boundOf(i: number): number {
    return this.#bounds[this.#signs[i]! > 0 ? 1 : 0];
  }

  /** At a bound, with a gradient that pushes against it harder than any did in the pass before. */
  #isSettled(i: number, gradient: number): boolean {
    const alpha = this.#alphas[i]!;
    if (alpha === 0) return gradient > this.#highest;
    return alpha === this.#boundOf(i) && gradient < this.#lowest;
  }

  #project(i: number, gradient: number): number {
    const alpha = this.#alphas[i]!;
    if (alpha === 0) return Math.min(gradient, 0);
    return alpha === this.#boundOf(i) ? Math.max(gradient, 0) : gradient;
  }

  #step(i: number, gradient: number): void {
    const before = this.#alphas[i]!;
    const after = Math.min(Math.max(before - gradient / this.#squares[i]!, 0), this.#boundOf(i));
    this.#alphas[i] = after;
    const change = (after - before) * this.#signs[i]!;
    const weights = this.#weights;
    const features = this.#features;
    for (let d = 0, at = i * weights.length; d < weights.length; d++, at++) {
      weights[d] = weights[d]! + change * features[at]!;
    }
    this.#biasWeight += change * this.#biasValue;
  }

  #score(i: number): number {
    const weights = this.#weights;
    const features = this.#features;
    let sum = this.#biasWeight * this.#biasValue;
    for (let d = 0, at = i * weights.length; d < weights.length; d++, at++)
      sum += weights[d]! * features[at]!;
    return sum;
  }

  classifier(): LinearClassifier {
    return { weights: Float32Array.from(this.#weights), bias: this.#biasWeight * this.#biasValue };
  }

  /** Primal minus dual objective, Σα − ½‖w‖²; the optimum lies between the two. */
  gap(): number {
    return this.objective() - (this.#alphas.reduce((sum, alpha) => sum + alpha, 0) - this.#squaredNorm() / 2);
  }

  #squaredNorm(): number {
    return this.#weights.reduce((sum, value) => sum + value * value, this.#biasWeight ** 2);
  }

  objective(): number {
    const losses = this.#signs.reduce(
      (sum, sign, i) => sum + this.#boundOf(i) * Math.max(0, 1 - sign * this.#score(i)),
      0,
    );
    return this.#squaredNorm() / 2 + losses;
  }
}

function shuffle(order: Int32Array, length: number, random: () => number): void {
  for (let i = 0; i < length; i++) {
    const j = i + Math.floor(random() * (length - i));
    const chosen = order[j]!;
    order[j] = order[i]!;
    order[i] = chosen;
  }
}

function checkExamples({ features, dimensions, labels }: SvmExamples, options: LinearSvmOptions): void {
  if (!(Number.isInteger(dimensions) && dimensions >= 1) || features.length !== labels.length * dimensions) {
    throw new RangeError(
      `trainLinearSvm: features must be [N, D] = [${labels.length}, ${dimensions}], got ${features.length} numbers`,
    );
  }
  const { cost = 1, biasMultiplier = 1, positiveWeight = 1, tolerance = 1, maxPasses = 1 } = options;
  for (const [name, value] of Object.entries({
    cost,
    biasMultiplier,
    positiveWeight,
    tolerance,
    maxPasses,
  })) {
    if (typeof value !== 'number' || !(value > 0))
      throw new RangeError(`trainLinearSvm: ${name} must be positive, got ${String(value)}`);
  }
  const wrong = features.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) {
    throw new RangeError(
      `trainLinearSvm: features must be finite, got ${features[wrong]} in example ${Math.floor(wrong / dimensions)}`,
    );
  }
}
