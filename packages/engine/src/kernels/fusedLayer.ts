import * as tf from '@tensorflow/tfjs-core';
import { run } from './overrideGradient';
import { throughRelu } from './throughRelu';

/** A layer of tfjs-layers that multiplies with weights and adds a bias, as far as it is used here. */
export interface WeightedLayer {
  trainable: boolean;
  kernel: { read(): tf.Tensor };
  bias?: { read(): tf.Tensor } | null;
  activation?: { getClassName(): string } | null;
  call(inputs: tf.Tensor | tf.Tensor[], kwargs: object): tf.Tensor | tf.Tensor[];
}

/** What came in, the weights, and dy as relu lets it through: dy and its gate. */
interface Saved {
  x: tf.Tensor;
  weights: tf.Tensor;
  through: { dy: tf.Tensor; gate?: tf.Tensor };
}

export interface FusedLayer<Layer extends WeightedLayer> {
  /** In tfjs-layers. */
  className: string;
  kernelName: string;
  /** What the kernel calls its inputs. */
  names: { x: string; weights: string };
  /** Beyond what holds for all layers: a bias, a known activation, floats. */
  canFuse(layer: Layer, x: tf.Tensor): boolean;
  attrs(layer: Layer): tf.NamedAttrMap;
  inputGradient(saved: Saved, attrs: tf.NamedAttrMap): tf.Tensor;
  weightGradients(saved: Saved, attrs: tf.NamedAttrMap): [weights: tf.Tensor, bias: tf.Tensor];
}

/** What the kernels apply and whose gradient is known from the output alone. */
const activations = ['linear', 'relu'];

const activationOf = ({ activation }: WeightedLayer): string => activation?.getClassName() ?? 'linear';

const registered = new Set<string>();

/**
 * A layer that is trained on webgpu as one dispatch forward. TensorFlow.js fuses it with its bias and relu only where no
 * gradient is asked for, frozen layers included; else it is three dispatches, and three maps are kept.
 */
export function registerFusedLayer<Layer extends WeightedLayer>(fused: FusedLayer<Layer>): void {
  const { className, kernelName, names } = fused;
  if (registered.has(kernelName)) return;
  registered.add(kernelName);
  tf.registerGradient({
    kernelName,
    inputsToSave: [names.x, names.weights],
    outputsToSave: [true],
    gradFunc: (dy, saved, attrs) => gradients(fused, dy as tf.Tensor, saved, attrs),
  });
  const known = tf.serialization.SerializationMap.getMap().classNameMap[className];
  if (known === undefined) return; // whoever brought gradients without tfjs-layers has no layers
  const layer = known[0].prototype as unknown as Layer;
  const stock = layer.call;
  layer.call = function (this: Layer, inputs, kwargs) {
    const [x] = [inputs].flat() as [tf.Tensor];
    const isFused = tf.getBackend() === 'webgpu' && tf.engine().isTapeOn() && canFuse(fused, this, x);
    return isFused ? forward(fused, this, x) : stock.call(this, inputs, kwargs);
  };
}

function canFuse<Layer extends WeightedLayer>(fused: FusedLayer<Layer>, layer: Layer, x: tf.Tensor): boolean {
  const isKnown = activations.includes(activationOf(layer)) && layer.bias != null && x.dtype === 'float32';
  return isKnown && fused.canFuse(layer, x);
}

function forward<Layer extends WeightedLayer>(
  { kernelName, names, attrs }: FusedLayer<Layer>,
  layer: Layer,
  x: tf.Tensor,
): tf.Tensor {
  const inputs = { [names.x]: x, [names.weights]: layer.kernel.read(), bias: layer.bias!.read() };
  const { trainable } = layer;
  return run(kernelName, inputs, { ...attrs(layer), activation: activationOf(layer), trainable });
}

/** By weights and by bias at once where the layer is trained: whoever asks for one asks for both. */
function gradients<Layer extends WeightedLayer>(
  { names, inputGradient, weightGradients }: FusedLayer<Layer>,
  dy: tf.Tensor,
  saved: tf.Tensor[],
  { activation, trainable, ...attrs }: tf.NamedAttrMap,
): Record<string, () => tf.Tensor> {
  const [x, weights, y] = saved as [tf.Tensor, tf.Tensor, tf.Tensor];
  const all = { x, weights, through: throughRelu(dy, activation === 'relu' ? y : undefined) };
  const known = trainable ? weightGradients(all, attrs) : undefined;
  return {
    [names.x]: () => inputGradient(all, attrs),
    [names.weights]: () => (known ?? weightGradients(all, attrs))[0],
    bias: () => (known ?? weightGradients(all, attrs))[1],
  };
}
