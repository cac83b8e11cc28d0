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

const limits = { Relu: Infinity, Relu6: 6 };

/** One pass instead of the three of step, cast and multiply. */
export function registerReluGradients(): void {
  for (const [kernelName, limit] of Object.entries(limits)) {
    overrideGradient(kernelName, (dy, saved) => {
      const x = saved[0]!;
      return x.dtype === 'float32' ? { x: () => run('ReluGrad', { dy, x }, { limit }) } : undefined;
    });
  }
}
