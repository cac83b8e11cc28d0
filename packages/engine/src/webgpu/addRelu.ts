import { util, type TensorInfo } from '@tensorflow/tfjs-core';
import { relu } from './epilogue';
import { dispatchValues, type WebgpuBackend } from './program';

interface Args {
  inputs: Record<'a' | 'b', TensorInfo>;
  backend: WebgpuBackend;
}

/** relu(a + b), of equal shapes: the end of a residual block in one dispatch. Twin: `tf.relu(tf.add(a, b))`. */
export function addRelu({ inputs: { a, b }, backend }: Args): TensorInfo {
  if (!util.arraysEqual(a.shape, b.shape))
    throw new Error(`AddRelu: shapes must be equal, got [${a.shape}] and [${b.shape}]`);
  const lanes = util.sizeFromShape(a.shape) % 4 === 0 ? 4 : 1;
  const value = lanes === 4 ? 'vec4<f32>' : 'f32';
  return dispatchValues(backend, {
    name: `AddRelu ${lanes}`,
    wgsl: () => `
    fn valueAt(index: i32) -> ${value} {
      let sum = a[index] + b[index];
      return ${relu('sum', value)};
    }`,
    inputs: { a, b },
    vectors: lanes === 4 ? ['a', 'b', 'result'] : [],
    outputShape: a.shape,
  });
}
