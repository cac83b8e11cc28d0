import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { overrideGradient, run } from './overrideGradient';
import { pointerOf, wasmKernels } from './wasmHeap';

interface Args {
  inputs: Record<'dy' | 'x', tf.TensorInfo>;
  backend: BackendWasm;
  attrs: { limit: number };
}

/** dy where 0 < x ≤ limit: the gradient of relu and relu6 in one pass. */
export function reluGrad({ inputs: { dy, x }, backend, attrs: { limit } }: Args): tf.TensorInfo {
  const out = backend.makeOutput(x.shape, 'float32');
  const count = tf.util.sizeFromShape(x.shape);
  wasmKernels().reluGrad(
    pointerOf(backend, dy),
    pointerOf(backend, x),
    pointerOf(backend, out),
    count,
    limit,
  );
  return out;
}

/** Whose gradient, up to which x, and the backends that have a kernel for it. TensorFlow's Relu6Grad gives 0 at 6, ours 1. */
const rectifiers = [
  { kernelName: 'Relu', limit: Infinity, backends: ['wasm', 'webgpu', 'tensorflow'] },
  { kernelName: 'Relu6', limit: 6, backends: ['wasm', 'webgpu'] },
];

let registered = false;

/** One pass instead of the three of step, cast and multiply (more on tensorflow, whose step keeps NaNs). */
export function registerReluGradients(): void {
  if (registered) return;
  registered = true;
  for (const { kernelName, limit, backends } of rectifiers) {
    const gradient = (dy: tf.Tensor, [x]: tf.Tensor[]) =>
      x!.dtype === 'float32' ? { x: () => run('ReluGrad', { dy, x: x! }, { limit }) } : undefined;
    overrideGradient(kernelName, gradient, backends);
  }
}
