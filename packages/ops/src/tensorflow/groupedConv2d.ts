import {
  registerKernel,
  tensor1d,
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

function withShape(shape: number[], run: (shape: Tensor) => Tensor): Tensor {
  const tensor = tensor1d(shape, 'int32');
  const result = run(tensor);
  tensor.dispose();
  return result;
}

function register(
  kernelName: string,
  run: (backend: TensorflowBackend, inputs: Inputs, attrs: Attrs) => Tensor,
): void {
  registerKernel({
    kernelName,
    backendName: 'tensorflow',
    kernelFunc: ({ inputs, backend, attrs }) =>
      run(backend as TensorflowBackend, inputs as Inputs, attrs as NamedAttrMap as unknown as Attrs),
  });
}

register('GroupedConv2D', (backend, { x, filter }, attrs) => execute(backend, 'Conv2D', attrs, [x, filter]));

register('GroupedConv2DBackpropInput', (backend, { dy, filter }, attrs) =>
  withShape(attrs.inputShape, (shape) => execute(backend, 'Conv2DBackpropInput', attrs, [shape, filter, dy])),
);

register('GroupedConv2DBackpropFilter', (backend, { x, dy }, attrs) =>
  withShape(attrs.filterShape, (shape) => execute(backend, 'Conv2DBackpropFilter', attrs, [x, shape, dy])),
);
