import { toFloat32, type StateDict } from '@roikit/weights';
import * as tf from '@tensorflow/tfjs-core';
import * as z from 'zod';
import { fusedNorm, FusedUpdate } from './fusedUpdate';
import { refuseIgnored, type Owners } from './ownOptions';
import { parseOptions, type Fields } from './parseOptions';
import type { Parameter, ParameterGroup } from './parameter';
import { PlainUpdate } from './plainUpdate';
import { MOMENTS, type Update } from './update';

const share = z.number().min(0).max(1);
/** Of 1 the mean never moves, and its correction divides by 0. */
const decay = z.number().min(0).lt(1);

/** How variables are updated. */
export interface OptimizerOptions {
  /** @default 'sgd' with momentum, as Fast R-CNN; 'adamw' is Loshchilov & Hutter 2019 */
  type?: 'sgd' | 'adamw';
  /** Of layers that start from random weights. @default 0.001 for either type: Fast R-CNN §2.3; AdamW's usual one */
  learningRate?: number;
  /** Of 'sgd' only. @default 0.9 Fast R-CNN §2.3 */
  momentum?: number;
  /** Of 'adamw' only: decay rates of the two moments. @default [0.9, 0.999] Kingma & Ba 2015 */
  betas?: [number, number];
  /** On weights, not on biases (decay_mult 0 in Fast R-CNN's prototxt). @default 0.0005 Fast R-CNN §2.3 */
  weightDecay?: number;
  /** Gradients are scaled down to this global L2 norm. @default null never */
  clipNorm?: number | null;
}

/** SGD has no betas, AdamW no momentum. */
export const OPTIMIZER_OWNERS: Owners = { of: { momentum: 'sgd', betas: 'adamw' }, usual: 'sgd' };

const fields = {
  type: z.enum(['sgd', 'adamw']),
  learningRate: z.number().positive(),
  momentum: share,
  betas: z.tuple([decay, decay]),
  weightDecay: z.number().min(0),
  clipNorm: z.number().positive().nullable(),
} satisfies Fields<OptimizerOptions>;

/**
 * A schema of an optimizer's options, for settings that are read from a file; `momentum` with AdamW and `betas` with SGD are
 * refused.
 *
 * @param about `usual`: the type where none is named; `more`: options that come on top
 */
export function optimizerSchema<Options extends OptimizerOptions>({
  usual,
  more = {},
}: {
  usual: NonNullable<OptimizerOptions['type']>;
  more?: z.ZodRawShape;
}): z.ZodType<Options, Options> {
  const schema = z.strictObject({ ...fields, ...more }).partial();
  return schema.superRefine(refuseIgnored({ ...OPTIMIZER_OWNERS, usual })) as unknown as z.ZodType<
    Options,
    Options
  >;
}

/** That of `Optimizer`'s. */
export const optimizerOptions: z.ZodType<OptimizerOptions, OptimizerOptions> = optimizerSchema({
  usual: 'sgd',
});

type ResolvedOptions = Required<OptimizerOptions>;

/** Fills in the defaults. */
export function resolveOptimizerOptions(options: OptimizerOptions = {}): ResolvedOptions {
  const defaults = {
    type: 'sgd' as const,
    learningRate: 0.001,
    momentum: 0.9,
    betas: [0.9, 0.999] as [number, number],
    weightDecay: 0.0005,
    clipNorm: null,
  };
  return { ...defaults, ...parseOptions('Optimizer', optimizerOptions, options) } as ResolvedOptions;
}

/** SGD with momentum, or AdamW: TensorFlow.js's own have neither weight decay nor groups with their own rate. */
export class Optimizer {
  private readonly options: ResolvedOptions;
  private readonly parameters: Parameter[];
  private readonly update: Update;
  private steps = 0;

  /** Made for the current engine. */
  constructor(groups: readonly ParameterGroup[], options: OptimizerOptions = {}) {
    this.options = resolveOptimizerOptions(options);
    this.parameters = groups.flatMap(({ variables, factor }) =>
      [...variables].map(([name, variable]) => ({ name, variable, factor })),
    );
    const { type } = this.options;
    this.update = FusedUpdate.isKnown(type)
      ? new FusedUpdate(this.parameters, type)
      : new PlainUpdate(this.parameters, type);
  }

  /** The variables that are trained. */
  get variables(): tf.Variable[] {
    return this.parameters.map(({ variable }) => variable);
  }

  /** The learning rate before the schedule's factor. */
  get learningRate(): number {
    return this.options.learningRate;
  }

  /**
   * One update.
   *
   * @param gradients by the variables' own names, as `tf.variableGrads` returns them
   * @param input `learningRate` of a group whose factor is 1; `norm`, the gradients' global one (`globalNorm`), for
   * clipping: read by the caller, who looks at the loss at the same time anyway, so that nothing here waits for the device
   */
  step(gradients: tf.NamedTensorMap, { learningRate, norm }: { learningRate: number; norm: number }): void {
    const { clipNorm } = this.options;
    this.steps++;
    const scale = clipNorm === null ? 1 : Math.min(1, clipNorm / (norm + 1e-6)); // torch.nn.utils.clip_grad_norm_
    const rates = this.parameters.map(({ factor }) => learningRate * factor);
    const weightDecays = this.parameters.map(({ variable }) =>
      decays(variable) ? this.options.weightDecay : 0,
    );
    const ordered = this.parameters.map(({ variable }) => gradients[variable.name] as tf.Tensor);
    const { momentum, betas } = this.options;
    this.update.apply(ordered, { momentum, betas, step: this.steps, scale, rates, weightDecays });
  }

  /** Moments by variable, and the number of steps: what a checkpoint needs. */
  async state(): Promise<StateDict> {
    const state: StateDict = new Map();
    state.set('steps', { dtype: 'float32', shape: [1], data: Float32Array.of(this.steps) });
    const moments = await this.update.read();
    for (const [i, { name, variable }] of this.parameters.entries()) {
      for (const [j, data] of moments[i]!.entries())
        state.set(`${name}.${j}`, { dtype: 'float32', shape: variable.shape, data });
    }
    return state;
  }

  /**
   * Takes up a state that `state` returned for the same variables.
   *
   * @throws RangeError that names the entry which does not fit
   */
  restore(state: StateDict): void {
    const entryOf = (name: string, size: number) => {
      const entry = state.get(name);
      if (entry?.data.length === size) return toFloat32(entry);
      throw new RangeError(
        `train: the checkpoint's optimizer state does not fit (entry ${name}: expected ${size} values, ` +
          `got ${entry?.data.length ?? 'none'}); resume with the options the run was started with`,
      );
    };
    const steps = entryOf('steps', 1)[0] as number;
    const moments = this.parameters.map(({ name, variable }) =>
      Array.from({ length: MOMENTS[this.options.type] }, (_, j) => entryOf(`${name}.${j}`, variable.size)),
    );
    this.update.write(moments);
    this.steps = steps;
  }

  /** Frees its moments. */
  dispose(): void {
    this.update.dispose();
  }
}

/** L2 norm over all gradients as one vector. */
export function globalNorm(gradients: tf.NamedTensorMap): tf.Scalar {
  return tf.tidy(() => {
    const norm = fusedNorm(Object.values(gradients));
    if (norm !== undefined) return norm;
    const squares = Object.values(gradients).map((gradient) => tf.sum(tf.square(gradient)));
    return tf.sqrt(tf.sum(tf.stack(squares))) as tf.Scalar;
  });
}

/** Biases and batch norm's vectors are not decayed. */
function decays(variable: tf.Variable): boolean {
  return variable.rank > 1;
}
