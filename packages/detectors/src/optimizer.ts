import { toFloat32, type StateDict } from '@roikit/weights';
import * as tf from '@tensorflow/tfjs-core';

export interface OptimizerOptions {
  /** @default 'sgd' with momentum, as Fast R-CNN; 'adamw' is Loshchilov & Hutter 2019 */
  type?: 'sgd' | 'adamw';
  /** Of layers that start from random weights. @default 0.001 Fast R-CNN §2.3 */
  learningRate?: number;
  /** What the rate of the backbone is multiplied by. @default 1 the paper trains all layers alike */
  backboneFactor?: number;
  /** For 'sgd'. @default 0.9 Fast R-CNN §2.3 */
  momentum?: number;
  /** For 'adamw': decay rates of the two moments. @default [0.9, 0.999] Kingma & Ba 2015 */
  betas?: readonly [number, number];
  /** On weights, not on biases (decay_mult 0 in the paper's prototxt). @default 0.0005 Fast R-CNN §2.3 */
  weightDecay?: number;
  /** Gradients are scaled down to this global norm. @default null never */
  clipNorm?: number | null;
}

const DEFAULTS: Required<OptimizerOptions> = {
  type: 'sgd',
  learningRate: 0.001,
  backboneFactor: 1,
  momentum: 0.9,
  betas: [0.9, 0.999],
  weightDecay: 0.0005,
  clipNorm: null,
};

/** Variables that share a learning rate. */
export interface ParameterGroup {
  variables: readonly tf.Variable[];
  /** What the base rate is multiplied by. */
  factor: number;
}

interface Parameter {
  variable: tf.Variable;
  factor: number;
  /** SGD's velocity, or Adam's two moments. */
  moments: tf.Variable[];
}

/** SGD with momentum, or AdamW: TensorFlow.js's own have neither weight decay nor groups with their own rate. */
export class Optimizer {
  private readonly options: Required<OptimizerOptions>;
  private readonly parameters: Parameter[];
  private steps = 0;

  constructor(groups: readonly ParameterGroup[], options: OptimizerOptions = {}) {
    this.options = { ...DEFAULTS, ...options };
    const momentCount = this.options.type === 'sgd' ? 1 : 2;
    this.parameters = groups.flatMap(({ variables, factor }) =>
      variables.map((variable) => ({ variable, factor, moments: zeros(variable, momentCount) })),
    );
  }

  /** The variables that are trained. */
  get variables(): tf.Variable[] {
    return this.parameters.map(({ variable }) => variable);
  }

  /** The learning rate before the schedule's factor. */
  get learningRate(): number {
    return this.options.learningRate;
  }

  /** One update with gradients by variable name; `learningRate` is that of factor 1. */
  step(gradients: tf.NamedTensorMap, learningRate: number): void {
    this.steps++;
    tf.tidy(() => {
      const scale = this.clipScale(gradients);
      for (const parameter of this.parameters) {
        const gradient = gradients[parameter.variable.name]!;
        const scaled = scale === 1 ? gradient : tf.mul(gradient, scale);
        if (this.options.type === 'sgd') this.sgd(parameter, scaled, learningRate * parameter.factor);
        else this.adamw(parameter, scaled, learningRate * parameter.factor);
      }
    });
  }

  /** Momenta and step count, for a checkpoint. */
  async state(): Promise<StateDict> {
    const state: StateDict = new Map();
    state.set('steps', { dtype: 'float32', shape: [1], data: Float32Array.of(this.steps) });
    for (const [i, { moments }] of this.parameters.entries()) {
      for (const [j, moment] of moments.entries()) {
        state.set(`${i}.${j}`, {
          dtype: 'float32',
          shape: moment.shape,
          data: (await moment.data()) as Float32Array,
        });
      }
    }
    return state;
  }

  /** Takes up a state that `state` returned for the same variables. */
  restore(state: StateDict): void {
    const entryOf = (name: string, size: number) => {
      const entry = state.get(name);
      if (entry?.data.length === size) return toFloat32(entry);
      throw new RangeError(
        `train: the checkpoint's optimizer state does not fit this detector (entry ${name}: expected ${size} values, ` +
          `got ${entry?.data.length ?? 'none'}); resume with the options the run was started with`,
      );
    };
    this.steps = entryOf('steps', 1)[0]!;
    for (const [i, { moments }] of this.parameters.entries()) {
      for (const [j, moment] of moments.entries()) {
        const values = entryOf(`${i}.${j}`, moment.size);
        tf.tidy(() => moment.assign(tf.tensor(values, moment.shape)));
      }
    }
  }

  dispose(): void {
    for (const { moments } of this.parameters) tf.dispose(moments);
  }

  /** v ← μ v + g + λ w;  w ← w − η v */
  private sgd({ variable, moments }: Parameter, gradient: tf.Tensor, rate: number): void {
    const { momentum, weightDecay } = this.options;
    const decayed = decays(variable) ? tf.add(gradient, tf.mul(variable, weightDecay)) : gradient;
    const velocity = tf.add(tf.mul(moments[0]!, momentum), decayed);
    moments[0]!.assign(velocity);
    variable.assign(tf.sub(variable, tf.mul(velocity, rate)));
  }

  /** Loshchilov & Hutter 2019, Algorithm 2. */
  private adamw({ variable, moments }: Parameter, gradient: tf.Tensor, rate: number): void {
    const { betas, weightDecay } = this.options;
    const [m, v] = moments as [tf.Variable, tf.Variable];
    m.assign(tf.add(tf.mul(m, betas[0]), tf.mul(gradient, 1 - betas[0])));
    v.assign(tf.add(tf.mul(v, betas[1]), tf.mul(tf.square(gradient), 1 - betas[1])));
    const denominator = tf.add(tf.mul(tf.sqrt(v), 1 / Math.sqrt(1 - betas[1] ** this.steps)), 1e-8);
    const update = tf.mul(tf.div(m, denominator), rate / (1 - betas[0] ** this.steps));
    const kept = decays(variable) ? tf.mul(variable, 1 - rate * weightDecay) : variable;
    variable.assign(tf.sub(kept, update));
  }

  private clipScale(gradients: tf.NamedTensorMap): number {
    const { clipNorm } = this.options;
    if (clipNorm === null) return 1;
    const squares = this.parameters.map(({ variable }) => tf.sum(tf.square(gradients[variable.name]!)));
    const norm = Math.sqrt(tf.addN(squares).dataSync()[0]!);
    return Math.min(1, clipNorm / (norm + 1e-6));
  }
}

/** Biases and batch norm's vectors are not decayed. */
function decays(variable: tf.Variable): boolean {
  return variable.rank > 1;
}

function zeros(variable: tf.Variable, count: number): tf.Variable[] {
  return Array.from({ length: count }, () => tf.tidy(() => tf.variable(tf.zerosLike(variable), false)));
}
