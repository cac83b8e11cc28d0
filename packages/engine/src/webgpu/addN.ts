import type { KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import type { WebgpuBackend } from './program';

interface Args {
  inputs: TensorInfo[];
  backend: WebgpuBackend;
}

/** As many inputs at a time as a shader stage may bind (8 is all that WebGPU promises); the stock kernel binds all. */
export function addN(stock: KernelFunc) {
  return ({ inputs, backend }: Args): TensorInfo => {
    const most = backend.device.limits.maxStorageBuffersPerShaderStage - 1; // the output takes one
    const add = (group: TensorInfo[]) => stock({ inputs: group as never, backend, attrs: {} }) as TensorInfo;
    let rest = Object.values(inputs);
    let sum = add(rest.slice(0, most));
    rest = rest.slice(most);
    while (rest.length > 0) {
      const before = sum;
      sum = add([before, ...rest.slice(0, most - 1)]);
      backend.disposeData(before.dataId);
      rest = rest.slice(most - 1);
    }
    return sum;
  };
}
