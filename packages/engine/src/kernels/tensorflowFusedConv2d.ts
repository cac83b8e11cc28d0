import * as tf from '@tensorflow/tfjs-core';
import type { NodeBackend } from './nodeBackend';
import { floatAttr } from './nodeBackend';

interface FusedConv2dAttrs {
  strides: number | [number, number];
  /** A number is left to the stock kernel, which refuses it. */
  pad: 'same' | 'valid' | number | tf.backend_util.ExplicitPadding;
  dilations: number | [number, number];
  dimRoundingMode?: 'floor' | 'round' | 'ceil';
  dataFormat: string;
  activation: string;
}

type Inputs = Record<'x' | 'filter', tf.TensorInfo> & { bias?: tf.TensorInfo };

/** oneDNN's convolution adds the bias while the sums are in registers; tfjs-node passes over the map again for it. */
function conv2dWithBias(
  backend: NodeBackend,
  { x, filter, bias }: Required<Inputs>,
  attrs: FusedConv2dAttrs,
): tf.Tensor {
  const { TF_ATTR_INT, TF_ATTR_STRING, TF_ATTR_BOOL } = backend.binding;
  const { strideHeight, strideWidth, dilationHeight, dilationWidth, padInfo } = convolutionInfo(
    x,
    filter,
    attrs,
  );
  const { type, top, bottom, left, right } = padInfo;
  const named = type === 'SAME' || type === 'VALID';
  // The op takes no other padding.
  const input = named
    ? x
    : tf.pad(x as tf.Tensor4D, [
        [0, 0],
        [top, bottom],
        [left, right],
        [0, 0],
      ]);
  const ints = (name: string, value: number[]) => ({ name, type: TF_ATTR_INT, value });
  const sum = backend.executeSingleOutput(
    '_MklNativeConv2DWithBias',
    [
      floatAttr(backend),
      ints('strides', [1, strideHeight, strideWidth, 1]),
      ints('dilations', [1, dilationHeight, dilationWidth, 1]),
      { name: 'padding', type: TF_ATTR_STRING, value: named ? type : 'VALID' },
      { name: 'data_format', type: TF_ATTR_STRING, value: 'NHWC' },
      // A constant filter would be kept by the kernel, and kernels are shared by all calls of the same attributes.
      { name: 'is_filter_const', type: TF_ATTR_BOOL, value: false },
      // What TensorFlow's own rewriting to oneDNN sets.
      { name: '_kernel', type: TF_ATTR_STRING, value: 'MklNameChangeOp' },
    ],
    [input, filter, bias],
  );
  if (input !== x) (input as tf.Tensor).dispose();
  return sum as tf.Tensor;
}

function convolutionInfo(x: tf.TensorInfo, filter: tf.TensorInfo, attrs: FusedConv2dAttrs) {
  type Shape = [number, number, number, number];
  const { strides, dilations, pad, dimRoundingMode } = attrs;
  return tf.backend_util.computeConv2DInfo(
    x.shape as Shape,
    filter.shape as Shape,
    strides,
    dilations,
    pad,
    dimRoundingMode,
  );
}

/** Whether oneDNN's convolution is there (on x86), was not switched off, and computes what the stock kernels do. */
function works(backend: NodeBackend): boolean {
  if (process.env['TF_ENABLE_ONEDNN_OPTS'] === '0') return false;
  return tf.tidy(() => {
    const [x, filter, bias] = [tf.ones([1, 4, 4, 3]), tf.ones([3, 3, 3, 2]), tf.tensor1d([1, -2])];
    const attrs = {
      strides: 1,
      pad: 'same',
      dilations: 1,
      dataFormat: 'NHWC',
      activation: 'linear',
    } as const;
    try {
      const ours = conv2dWithBias(backend, { x, filter, bias }, attrs).dataSync();
      const stock = tf.add(tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, 'same'), bias).dataSync();
      return stock.every((value, i) => value === ours[i]);
    } catch {
      return false;
    }
  });
}

let registered = false;

/** Replaces FusedConv2D where there is a bias of one number a channel and a plain activation; the rest stays stock. */
export function registerTensorflowFusedConv2d(backend: NodeBackend): void {
  if (registered || backend.isUsingGpuDevice || !works(backend)) return;
  registered = true;
  const stock = tf.getKernel('FusedConv2D', 'tensorflow').kernelFunc;
  const activations: Record<string, ((x: tf.Tensor) => tf.Tensor) | undefined> = {
    relu: tf.relu,
    relu6: tf.relu6,
  };
  const kernelFunc: tf.KernelFunc = (args) => {
    const { x, filter, bias } = args.inputs as Inputs;
    const attrs = args.attrs as unknown as FusedConv2dAttrs;
    const activation = activations[attrs.activation];
    const plain = bias?.shape.length === 1 && bias.shape[0] === filter.shape[3] && x.dtype === 'float32';
    const known = attrs.activation === 'linear' || activation !== undefined;
    if (!plain || !known || attrs.dataFormat !== 'NHWC' || typeof attrs.pad === 'number') return stock(args);
    const sum = conv2dWithBias(backend, { x, filter, bias }, attrs);
    if (!activation) return sum;
    const result = activation(sum);
    sum.dispose();
    return result;
  };
  tf.unregisterKernel('FusedConv2D', 'tensorflow');
  tf.registerKernel({ kernelName: 'FusedConv2D', backendName: 'tensorflow', kernelFunc });
}
