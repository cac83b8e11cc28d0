import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
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

/** Gradients are shared by all backends: on wasm relu's is our kernel, elsewhere what it was. */
export function registerReluGradients(): void {
  for (const [kernelName, limit] of Object.entries(limits)) {
    const stock = tf.getGradient(kernelName);
    if (stock === undefined) continue;
    tf.unregisterGradient(kernelName);
    tf.registerGradient({
      ...stock,
      gradFunc(dy, saved, attrs) {
        const x = saved[0]!;
        if (tf.getBackend() !== 'wasm' || x.dtype !== 'float32') return stock.gradFunc(dy, saved, attrs);
        return {
          x: () => tf.engine().runKernel('ReluGrad', { dy: dy as tf.Tensor, x }, { limit }) as tf.Tensor,
        };
      },
    });
  }
}
