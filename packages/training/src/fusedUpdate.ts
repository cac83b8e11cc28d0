import * as tf from '@tensorflow/tfjs-core';
import type { Parameter } from './parameter';

/** What one update does to each parameter. */
export interface UpdateRule {
  type: 'sgd' | 'adamw';
  rates: number[];
  weightDecays: number[];
  /** What gradients are multiplied by, from clipping. */
  scale: number;
  momentum: number;
  betas: readonly [number, number];
  /** Counted from 1. */
  step: number;
}

const kernels = { sgd: 'FusedSgd', adamw: 'FusedAdamW' };

const has = (kernel: string): boolean => tf.getKernel(kernel, tf.getBackend()) !== undefined;

/** Runs a kernel whose inputs, and outputs, are a list. */
function run(kernel: string, inputs: tf.Tensor[], attrs: object): tf.Tensor[] {
  const named = inputs as unknown as tf.NamedTensorMap;
  return [tf.engine().runKernel(kernel, named, attrs as tf.NamedAttrMap)].flat() as tf.Tensor[];
}

/**
 * Updates all parameters by one kernel, where the engine has it: `@roikit/engine` registers them on webgpu, where a step
 * of a small detector would else be 600 dispatches. False where there is none. Same results: see updates.ts.
 */
export function fusedUpdate(
  parameters: Parameter[],
  gradients: tf.Tensor[],
  { type, ...attrs }: UpdateRule,
): boolean {
  if (!has(kernels[type])) return false;
  tf.tidy(() => {
    const inputs = parameters.flatMap(({ variable, moments }, i) => [
      variable,
      gradients[i] as tf.Tensor,
      ...moments,
    ]);
    const updated = run(kernels[type], inputs, attrs);
    const targets = parameters.flatMap(({ variable, moments }) => [variable, ...moments]);
    targets.forEach((target, i) => target.assign(updated[i] as tf.Tensor));
  });
  return true;
}

/** The gradients' global norm by one kernel, where the engine has it. */
export function fusedNorm(gradients: tf.Tensor[]): tf.Scalar | undefined {
  return has('GlobalNorm') ? (run('GlobalNorm', gradients, {})[0] as tf.Scalar) : undefined;
}
