import { util, type KernelFunc, type TensorInfo } from '@tensorflow/tfjs-core';
import { convolutionOf, type ConvolutionAttrs } from '../kernels/geometry';
import { convolutionInts, isPointwise } from './convolution';
import { isEpilogue, type Epilogue } from './epilogue';
import { matrixFactor, windowsFactor } from './factors';
import { inHalves } from './halves';
import { matrixProduct } from './matrixProduct';
import { ROW_MAJOR } from './matrixProductWgsl';
import type { WebgpuBackend } from './program';

interface Args {
  inputs: { x: TensorInfo; filter: TensorInfo; bias?: TensorInfo };
  backend: WebgpuBackend;
  attrs: ConvolutionAttrs & { activation?: string };
}

/**
 * A convolution: `[N · Ho · Wo, kh · kw · Cin] × [kh · kw · Cin, Cout]`, where the first is x as its windows see it, never
 * written out. The stock kernel has one workgroup for each 32 × 32 results, however long their sums and few their tiles:
 * 32 workgroups of 4,608 steps in ResNet's last stage. It still does channels first. Twin: the cpu backend's.
 */
export function conv2d(stock: KernelFunc) {
  return (args: Args): TensorInfo => product(args) ?? (stock(args as never) as TensorInfo);
}

/** … with a bias and an activation, where they are of those that an epilogue knows. */
export function fusedConv2d(stock: KernelFunc) {
  return (args: Args): TensorInfo => {
    const { inputs, attrs } = args;
    const epilogue = { bias: inputs.bias, activation: attrs.activation ?? 'linear' };
    const own = isEpilogue(inputs.filter.shape[3]!, epilogue) ? product(args, epilogue) : undefined;
    return own ?? (stock(args as never) as TensorInfo);
  };
}

/** … with a bias, the other side of a residual block and its relu: the end of the block in one dispatch. */
export function fusedConv2dAddRelu(args: Args & { inputs: { residual: TensorInfo } }): TensorInfo {
  const { bias, residual } = args.inputs;
  return product(args, { bias, residual, activation: 'relu' })!; // its attributes are those of fuse(), channels last
}

function product(
  { inputs: { x, filter }, backend, attrs }: Args,
  epilogue?: Epilogue,
): TensorInfo | undefined {
  if ((attrs.dataFormat ?? 'NHWC') !== 'NHWC' || x.dtype !== 'float32' || filter.dtype !== 'float32')
    return undefined;
  const info = convolutionOf('conv2d', x.shape, filter.shape, attrs);
  if (epilogue?.residual !== undefined && !util.arraysEqual(epilogue.residual.shape, info.outShape)) {
    throw new Error(
      `FusedConv2DAddRelu: residual must be [${info.outShape}], got [${epilogue.residual.shape}]`,
    );
  }
  const { batchSize, outHeight, outWidth, outChannels, filterHeight, filterWidth, inChannels } = info;
  return matrixProduct(backend, {
    name: `${isPointwise(info) ? 'Pointwise' : ''}Conv2D`,
    inputs: { x, filterValues: filter },
    outputShape: info.outShape,
    ints: convolutionInts(info),
    rows: batchSize * outHeight * outWidth,
    columns: outChannels,
    steps: filterHeight * filterWidth * inChannels,
    a: windowsFactor('positions', info),
    b: matrixFactor('filterValues', 'columns', { along: 'row', length: outChannels }),
    rowStart: ROW_MAJOR,
    ...(epilogue === undefined ? {} : { epilogue, halves: inHalves(backend) }),
  });
}
