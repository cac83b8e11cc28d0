import type { TensorInfo } from '@tensorflow/tfjs-core';
import { fusedUpdate, type UpdateArgs } from './fusedUpdate';

/** PyTorch's SGD with momentum: v ← μ v + g + λ w;  w ← w − η v. Twin: updates.ts of @roikit/training. */
export function fusedSgd(args: UpdateArgs<{ momentum: number }>): TensorInfo[] {
  const { momentum, scale = 1 } = args.attrs;
  return fusedUpdate(
    args,
    ['velocity'],
    [
      {
        name: 'FusedSgd velocity',
        from: ['values', 'gradient', 'velocity'],
        to: 'velocity',
        wgsl: 'uniforms.momentum * velocity[i] + gradient[i] * uniforms.scale + decay * values[i]',
        floats: { momentum, scale },
      },
      {
        name: 'FusedSgd',
        from: ['values', 'velocity'],
        to: 'values',
        wgsl: 'values[i] - rate * velocity[i]',
        floats: {},
      },
    ],
  );
}
