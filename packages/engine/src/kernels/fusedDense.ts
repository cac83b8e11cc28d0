import * as tf from '@tensorflow/tfjs-core';
import { run } from './overrideGradient';
import { throughRelu } from './throughRelu';

/** tfjs-layers' Dense, as far as it is used here. */
interface DenseLayer {
  trainable: boolean;
  kernel: { read(): tf.Tensor };
  bias?: { read(): tf.Tensor } | null;
  activation?: { getClassName(): string } | null;
  call(inputs: tf.Tensor | tf.Tensor[], kwargs: object): tf.Tensor | tf.Tensor[];
}

/** What the kernel applies and whose gradient is known from the output alone. */
const activations = ['linear', 'relu'];

let registered = false;

/**
 * A dense layer that is trained on webgpu as one dispatch forward, and as two backward: as fusedConvolution.ts does.
 */
export function registerFusedDense(): void {
  if (registered) return;
  registered = true;
  tf.registerGradient({
    kernelName: '_FusedMatMul',
    inputsToSave: ['a', 'b'],
    outputsToSave: [true],
    gradFunc: (dy, saved, attrs) => gradients(dy as tf.Tensor, saved, attrs),
  });
  const known = tf.serialization.SerializationMap.getMap().classNameMap['Dense'];
  if (known === undefined) return; // whoever brought gradients without tfjs-layers has no layers
  const layer = known[0].prototype as unknown as DenseLayer;
  const stock = layer.call;
  layer.call = function (inputs, kwargs) {
    const [x] = [inputs].flat() as [tf.Tensor];
    const isFused = tf.getBackend() === 'webgpu' && tf.engine().isTapeOn() && canFuse(this, x);
    return isFused ? forward(this, x) : stock.call(this, inputs, kwargs);
  };
}

const activationOf = ({ activation }: DenseLayer): string => activation?.getClassName() ?? 'linear';

const canFuse = (layer: DenseLayer, x: tf.Tensor): boolean =>
  activations.includes(activationOf(layer)) && layer.bias != null && x.rank === 2 && x.dtype === 'float32';

function forward(layer: DenseLayer, x: tf.Tensor): tf.Tensor {
  const inputs = { a: x, b: layer.kernel.read(), bias: layer.bias!.read() };
  return run('_FusedMatMul', inputs, {
    transposeA: false,
    transposeB: false,
    activation: activationOf(layer),
    trainable: layer.trainable,
  });
}

/** By weights and by bias at once where the layer is trained: whoever asks for one asks for both. */
function gradients(dy: tf.Tensor, saved: tf.Tensor[], { activation, trainable }: tf.NamedAttrMap) {
  const [a, b, y] = saved as [tf.Tensor, tf.Tensor, tf.Tensor];
  const through = throughRelu(dy, activation === 'relu' ? y : undefined);
  const weightGradients = (): [weights: tf.Tensor, bias: tf.Tensor] =>
    tf.engine().runKernel('DenseBackpropWeights', { x: a, ...through });
  const known = trainable ? weightGradients() : undefined;
  return {
    a: () => run('DenseBackpropInput', { ...through, weights: b }, {}),
    b: () => (known ?? weightGradients())[0],
    bias: () => (known ?? weightGradients())[1],
  };
}
