import * as tf from '@tensorflow/tfjs-core';
import { run } from './overrideGradient';
import { throughRelu } from './throughRelu';

/** tfjs-layers' Conv2D, as far as it is used here. */
interface ConvolutionLayer {
  trainable: boolean;
  kernel: { read(): tf.Tensor };
  bias?: { read(): tf.Tensor } | null;
  strides: [number, number];
  padding: string;
  dilationRate: [number, number];
  dataFormat: string;
  activation?: { getClassName(): string } | null;
  call(inputs: tf.Tensor | tf.Tensor[], kwargs: object): tf.Tensor | tf.Tensor[];
}

/** What the kernel applies and whose gradient is known from the output alone. */
const activations = ['linear', 'relu'];

let registered = false;

/**
 * A convolution layer that is trained on webgpu as one dispatch forward. TensorFlow.js fuses it with its bias and relu
 * only where no gradient is asked for, frozen layers included; else it is three dispatches, and three maps are kept.
 */
export function registerFusedConvolution(): void {
  if (registered) return;
  registered = true;
  tf.registerGradient({
    kernelName: 'FusedConv2D',
    inputsToSave: ['x', 'filter'],
    outputsToSave: [true],
    gradFunc: (dy, saved, attrs) => gradients(dy as tf.Tensor, saved, attrs),
  });
  const known = tf.serialization.SerializationMap.getMap().classNameMap['Conv2D'];
  if (known === undefined) return; // whoever brought gradients without tfjs-layers has no layers
  const layer = known[0].prototype as unknown as ConvolutionLayer;
  const stock = layer.call;
  layer.call = function (inputs, kwargs) {
    const [x] = [inputs].flat() as [tf.Tensor];
    const isFused = tf.getBackend() === 'webgpu' && tf.engine().isTapeOn() && canFuse(this, x);
    return isFused ? forward(this, x) : stock.call(this, inputs, kwargs);
  };
}

function canFuse({ bias, activation, dataFormat, padding }: ConvolutionLayer, x: tf.Tensor): boolean {
  const known = activations.includes(activation?.getClassName() ?? 'linear');
  return (
    known && bias != null && dataFormat === 'channelsLast' && padding !== 'causal' && x.dtype === 'float32'
  );
}

function forward(layer: ConvolutionLayer, x: tf.Tensor): tf.Tensor {
  const inputs = { x, filter: layer.kernel.read(), bias: layer.bias!.read() };
  return run('FusedConv2D', inputs, {
    strides: layer.strides,
    pad: layer.padding,
    dilations: layer.dilationRate,
    dataFormat: 'NHWC',
    activation: layer.activation?.getClassName() ?? 'linear',
    trainable: layer.trainable,
  });
}

/** By filter and by bias at once where the layer is trained: whoever asks for one asks for both. */
function gradients(dy: tf.Tensor, saved: tf.Tensor[], { activation, trainable, ...attrs }: tf.NamedAttrMap) {
  const [x, filter, y] = saved as [tf.Tensor, tf.Tensor, tf.Tensor];
  const through = throughRelu(dy, activation === 'relu' ? y : undefined);
  const weightGradients = (): [filter: tf.Tensor, bias: tf.Tensor] =>
    tf
      .engine()
      .runKernel('FusedConv2DBackpropFilter', { x, ...through }, { ...attrs, filterShape: filter.shape });
  const known = trainable ? weightGradients() : undefined;
  return {
    x: () => run('Conv2DBackpropInput', { ...through, filter }, { ...attrs, inputShape: x.shape }),
    filter: () => (known ?? weightGradients())[0],
    bias: () => (known ?? weightGradients())[1],
  };
}
