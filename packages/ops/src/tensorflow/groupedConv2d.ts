import {
  registerKernel,
  tensor1d,
  tidy,
  type KernelBackend,
  type NamedAttrMap,
  type Tensor,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import type { GroupedConv2dAttrs } from '../groupedConv2d';

/** What these kernels use of tfjs-node's NodeJSKernelBackend; the package itself is not loaded from here. */
interface TensorflowBackend extends KernelBackend {
  binding: Record<'TF_ATTR_INT' | 'TF_ATTR_STRING' | 'TF_ATTR_TYPE' | 'TF_FLOAT', number>;
  executeSingleOutput(
    op: string,
    attrs: { name: string; type: number; value: unknown }[],
    inputs: TensorInfo[],
  ): Tensor;
}

type Attrs = GroupedConv2dAttrs & { inputShape: number[]; filterShape: number[] };
type Inputs = Record<'x' | 'filter' | 'dy', TensorInfo>;

/** TensorFlow's convolutions take as many groups as the filter's input channels are fewer than the input's. */
function execute(
  backend: TensorflowBackend,
  op: string,
  { strides, pad }: Attrs,
  inputs: TensorInfo[],
): Tensor {
  const { TF_ATTR_INT, TF_ATTR_STRING, TF_ATTR_TYPE, TF_FLOAT } = backend.binding;
  const attrs = [
    { name: 'T', type: TF_ATTR_TYPE, value: TF_FLOAT },
    { name: 'strides', type: TF_ATTR_INT, value: [1, ...strides, 1] },
    { name: 'padding', type: TF_ATTR_STRING, value: pad.toUpperCase() },
    { name: 'data_format', type: TF_ATTR_STRING, value: 'NHWC' },
    { name: 'dilations', type: TF_ATTR_INT, value: [1, 1, 1, 1] },
  ];
  return backend.executeSingleOutput(op, attrs, inputs);
}

const native = {
  GroupedConv2D: (backend: TensorflowBackend, { x, filter }: Inputs, attrs: Attrs): Tensor =>
    execute(backend, 'Conv2D', attrs, [x, filter]),
  GroupedConv2DBackpropInput: (backend: TensorflowBackend, { dy, filter }: Inputs, attrs: Attrs): Tensor =>
    execute(backend, 'Conv2DBackpropInput', attrs, [tensor1d(attrs.inputShape, 'int32'), filter, dy]),
  GroupedConv2DBackpropFilter: (backend: TensorflowBackend, { x, dy }: Inputs, attrs: Attrs): Tensor =>
    execute(backend, 'Conv2DBackpropFilter', attrs, [x, tensor1d(attrs.filterShape, 'int32'), dy]),
};

export type NativeKernel = keyof typeof native;

/**
 * Registers TensorFlow's own grouped convolution. On a CPU without oneDNN it has no gradients ("Gradients for grouped
 * convolutions are not supported on CPU", and other words for the filter's): then, `otherwise`.
 */
export function registerNative<KernelInputs extends Record<string, Tensor>, KernelAttrs>(
  kernelName: NativeKernel,
  otherwise: (inputs: KernelInputs, attrs: KernelAttrs) => Tensor,
): void {
  registerKernel({
    kernelName,
    backendName: 'tensorflow',
    kernelFunc: ({ inputs, backend, attrs }) =>
      tidy(() => {
        try {
          return native[kernelName](
            backend as TensorflowBackend,
            inputs as Inputs,
            attrs as NamedAttrMap as unknown as Attrs,
          );
        } catch {
          return otherwise(inputs as KernelInputs, attrs as NamedAttrMap as KernelAttrs);
        }
      }),
  });
}
