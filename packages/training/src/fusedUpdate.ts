import * as tf from '@tensorflow/tfjs-core';
import type { Parameter } from './parameter';
import { MOMENTS, type Update, type UpdateRule, type UpdateType } from './update';

const kernels = { sgd: 'FusedSgd', adamw: 'FusedAdamW' };

const has = (kernel: string): boolean => tf.getKernel(kernel, tf.getBackend()) !== undefined;

/** Runs a kernel whose inputs, and outputs, are a list. */
function run(kernel: string, inputs: tf.Tensor[], attrs: object): tf.Tensor[] {
  const named = inputs as unknown as tf.NamedTensorMap;
  return [tf.engine().runKernel(kernel, named, attrs as tf.NamedAttrMap)].flat() as tf.Tensor[];
}

/** Floats updated at a time: a GPU's binding may be no larger than 128 MB everywhere. */
const MOST_FLOATS = 2 ** 23;

/** Parameters that are updated together, the first of them at `start`. */
interface Group {
  start: number;
  parameters: Parameter[];
  /** Each of all parameters, one after the other. */
  moments: tf.Variable[];
}

/**
 * Updates all parameters by one kernel: `@roikit/engine` registers them on webgpu, where a step of a small detector would
 * else be 600 dispatches. Same results as `PlainUpdate`. Moments of all parameters lie in one tensor, for on a GPU it is
 * the number of tensors that costs.
 */
export class FusedUpdate implements Update {
  readonly #kernel: string;
  readonly #groups: Group[];

  /** Whether the engine has the kernel. */
  static isKnown(type: UpdateType): boolean {
    return has(kernels[type]);
  }

  constructor(parameters: Parameter[], type: UpdateType) {
    this.#kernel = kernels[type];
    this.#groups = grouped(parameters).map(({ start, parameters }) => {
      const size = sizesOf(parameters).reduce((sum, size) => sum + size, 0);
      const zeros = () => tf.tidy(() => tf.variable(tf.zeros([size]), false));
      return { start, parameters, moments: Array.from({ length: MOMENTS[type] }, zeros) };
    });
  }

  apply(gradients: tf.Tensor[], { rates, weightDecays, ...rule }: UpdateRule): void {
    for (const { start, parameters, moments } of this.#groups) {
      const own = <T>(list: T[]) => list.slice(start, start + parameters.length);
      const variables = parameters.map(({ variable }) => variable);
      tf.tidy(() => {
        const inputs = [...variables, ...own(gradients), ...moments];
        const attrs = { ...rule, rates: own(rates), weightDecays: own(weightDecays) };
        const updated = run(this.#kernel, inputs, attrs);
        [...variables, ...moments].forEach((target, i) => target.assign(updated[i]!));
      });
    }
  }

  async read(): Promise<Float32Array[][]> {
    const values: Float32Array[][] = [];
    for (const { parameters, moments } of this.#groups) {
      const read = (await Promise.all(moments.map((moment) => moment.data()))) as Float32Array[];
      let start = 0;
      for (const size of sizesOf(parameters)) {
        values.push(read.map((moment) => moment.slice(start, start + size)));
        start += size;
      }
    }
    return values;
  }

  write(values: Float32Array[][]): void {
    for (const { start, parameters, moments } of this.#groups) {
      const own = values.slice(start, start + parameters.length);
      for (const [j, moment] of moments.entries()) {
        const packed = new Float32Array(moment.size);
        let at = 0;
        for (const { [j]: one } of own) {
          packed.set(one!, at);
          at += one!.length;
        }
        tf.tidy(() => moment.assign(tf.tensor1d(packed)));
      }
    }
  }

  dispose(): void {
    tf.dispose(this.#groups.map(({ moments }) => moments));
  }
}

const sizesOf = (parameters: Parameter[]): number[] => parameters.map(({ variable }) => variable.size);

/** As many parameters at a time as a binding holds. */
function grouped(parameters: Parameter[]): Omit<Group, 'moments'>[] {
  const groups: Omit<Group, 'moments'>[] = [];
  let size = Infinity;
  for (const [start, parameter] of parameters.entries()) {
    size += parameter.variable.size;
    if (size <= MOST_FLOATS) {
      groups.at(-1)!.parameters.push(parameter);
      continue;
    }
    groups.push({ start, parameters: [parameter] });
    size = parameter.variable.size;
  }
  return groups;
}

/** The gradients' global norm by one kernel, where the engine has it. */
export function fusedNorm(gradients: tf.Tensor[]): tf.Scalar | undefined {
  return has('GlobalNorm') ? (run('GlobalNorm', gradients, {})[0] as tf.Scalar) : undefined;
}
