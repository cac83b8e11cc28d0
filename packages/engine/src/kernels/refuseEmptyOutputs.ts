import {
  backend_util,
  getKernel,
  type KernelConfig,
  type KernelFunc,
  type NamedAttrMap,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import type { Shape4D } from './geometry';
import { wrapKernels } from './replaceKernel';

/** The attributes that convolutions and poolings share. */
interface WindowAttrs {
  strides: number | [number, number];
  dilations?: number | [number, number] | null;
  filterSize: number | [number, number];
  pad: 'same' | 'valid' | number | backend_util.ExplicitPadding;
  dimRoundingMode?: 'floor' | 'round' | 'ceil';
  dataFormat?: 'NHWC' | 'NCHW';
}

type Inputs = Record<'x' | 'filter', TensorInfo>;
type InfoOf = (inputs: Inputs, attrs: WindowAttrs) => backend_util.Conv2DInfo;

const convolution =
  (depthwise: boolean): InfoOf =>
  ({ x, filter }, { strides, dilations, pad, dimRoundingMode, dataFormat = 'NHWC' }) =>
    backend_util.computeConv2DInfo(
      x.shape as Shape4D,
      filter.shape as Shape4D,
      strides,
      dilations ?? 1, // null, too: tfjs-layers passes it on from depthwise layers
      pad,
      dimRoundingMode,
      depthwise,
      backend_util.convertConv2DDataFormat(dataFormat),
    );

const pooling: InfoOf = ({ x }, { filterSize, strides, pad, dimRoundingMode }) =>
  backend_util.computePool2DInfo(x.shape as Shape4D, filterSize, strides, 1, pad, dimRoundingMode);

/** The kernels with a window, by the name that callers know them by. */
const windowed: Record<string, { op: string; infoOf: InfoOf }> = {
  Conv2D: { op: 'conv2d', infoOf: convolution(false) },
  FusedConv2D: { op: 'fused.conv2d', infoOf: convolution(false) },
  DepthwiseConv2dNative: { op: 'depthwiseConv2d', infoOf: convolution(true) },
  FusedDepthwiseConv2D: { op: 'fused.depthwiseConv2d', infoOf: convolution(true) },
  MaxPool: { op: 'maxPool', infoOf: pooling },
  AvgPool: { op: 'avgPool', infoOf: pooling },
};

/** Throws where no window fits into the padded map. A batch of none is no fault. */
function checkOutput(op: string, info: backend_util.Conv2DInfo): void {
  const { outHeight, outWidth, inHeight, inWidth, effectiveFilterHeight, effectiveFilterWidth } = info;
  if (outHeight > 0 && outWidth > 0) return;
  throw new RangeError(
    `${op}: the input must be as large as the window, ${effectiveFilterHeight}×${effectiveFilterWidth}, ` +
      `got ${inHeight}×${inWidth} before padding; give a larger input or more padding`,
  );
}

const done = new Set<string>();

/**
 * Makes an output without rows or columns an error on a backend. Without it, cpu returns an empty tensor or throws
 * "Invalid typed array length", webgpu fails later, and wasm hangs or writes outside its memory (tfjs#8407).
 */
export function refuseEmptyOutputs(backendName: string): void {
  if (done.has(backendName)) return;
  done.add(backendName);
  for (const [kernelName, { op, infoOf }] of Object.entries(windowed)) {
    const stock = getKernel(kernelName, backendName) as KernelConfig | undefined;
    if (stock === undefined) continue;
    const checked =
      (kernelFunc: KernelFunc): KernelFunc =>
      (args) => {
        checkOutput(op, infoOf(args.inputs as Inputs, args.attrs as NamedAttrMap as unknown as WindowAttrs));
        return kernelFunc(args);
      };
    wrapKernels(backendName, { [kernelName]: checked });
  }
}
