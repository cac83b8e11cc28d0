import type { TensorInfo } from '@tensorflow/tfjs-core';
import { fusedUpdate, type UpdateArgs } from './fusedUpdate';

/** AdamW: Loshchilov & Hutter 2019, Algorithm 2; `step` counts from 1. Twin: updates.ts of @roikit/training. */
export function fusedAdamW(args: UpdateArgs<{ betas: [number, number]; step: number }>): TensorInfo[] {
  const { betas, step, scale = 1 } = args.attrs;
  const [first, second] = betas;
  return fusedUpdate(
    args,
    ['mean', 'square'],
    [
      {
        name: 'FusedAdamW mean',
        from: ['gradient', 'mean'],
        to: 'mean',
        wgsl: 'uniforms.beta * mean[i] + uniforms.rest * gradient[i] * uniforms.scale',
        floats: { beta: first, rest: 1 - first, scale },
      },
      {
        name: 'FusedAdamW square',
        from: ['gradient', 'square'],
        to: 'square',
        wgsl: 'uniforms.beta * square[i] + uniforms.rest * gradient[i] * gradient[i] * uniforms.scale * uniforms.scale',
        floats: { beta: second, rest: 1 - second, scale },
      },
      {
        name: 'FusedAdamW',
        from: ['values', 'mean', 'square'],
        to: 'values',
        wgsl: `values[i] * (1.0 - rate * decay)
        - rate * uniforms.meanFactor * mean[i] / (sqrt(square[i]) * uniforms.rootFactor + 1e-8)`,
        floats: { meanFactor: 1 / (1 - first ** step), rootFactor: 1 / Math.sqrt(1 - second ** step) },
      },
    ],
  );
}
