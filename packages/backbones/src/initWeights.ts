import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import type { KernelShape } from './layout';

// PyTorch's initialisers (torch/nn/init.py), each named as there. A fan counts the inputs or outputs of one unit.

interface Fans {
  in: number;
  out: number;
}

/** Draws the next weight. */
type Draw = () => number;
export type Initializer = (fans: Fans, random: () => number) => Draw;

export const zeros: Initializer = () => () => 0;

function uniform(bound: number, random: () => number): Draw {
  return () => (2 * random() - 1) * bound;
}

function gaussian(std: number, random: () => number): Draw {
  return () => std * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()); // Box–Muller
}

export const normal =
  (std: number): Initializer =>
  (_, random) =>
    gaussian(std, random);

/** Normal of variance 2 / fan: keeps the variance of activations (`in`) or gradients (`out`) through a ReLU. */
export const kaimingNormal =
  (mode: 'in' | 'out'): Initializer =>
  (fans, random) =>
    gaussian(Math.sqrt(2 / fans[mode]), random);

export const kaimingUniform: Initializer = (fans, random) => uniform(Math.sqrt(6 / fans.in), random);

/** What `nn.Conv2d` and `nn.Linear` do by themselves: U(±1/√fan in), for kernel and bias. */
export const torchDefault: Initializer = (fans, random) => uniform(1 / Math.sqrt(fans.in), random);

export interface LayerInit {
  kernel: Initializer;
  bias: Initializer;
}

export const defaultInit: LayerInit = { kernel: torchDefault, bias: torchDefault };

/** Which initialisers a network gives its convolutions and dense layers, and single layers by name. */
export interface InitRules {
  conv?: LayerInit;
  dense?: LayerInit;
  layers?: Record<string, LayerInit>;
}

/** Fans by PyTorch's rule, from a kernel `[h, w, in, out]`, `[h, w, channels, 1]` (depthwise) or `[in, out]`. */
function fansOf(shape: number[], depthwise: boolean): Fans {
  if (shape.length === 2) return { in: shape[0]!, out: shape[1]! };
  const [height, width, inputs, outputs] = shape as KernelShape;
  const taps = height * width;
  return depthwise ? { in: taps, out: taps * inputs } : { in: taps * inputs, out: taps * outputs };
}

function draw(shape: number[], next: Draw): tf.Tensor {
  const values = new Float32Array(tf.util.sizeFromShape(shape));
  for (let i = 0; i < values.length; i++) values[i] = next();
  return tf.tensor(values, shape);
}

/** Draws every kernel and bias anew, in the layers' order; batch norms keep gamma 1, beta 0, mean 0, variance 1. */
export function initWeights(model: tfl.LayersModel, rules: InitRules, random: () => number): void {
  for (const layer of model.layers) {
    const shapes = layer.weights.map((weight) => weight.shape as number[]);
    const [first] = shapes;
    if (!first || first.length < 2) continue;
    const kind = first.length === 2 ? rules.dense : rules.conv;
    const { kernel, bias } = rules.layers?.[layer.name] ?? kind ?? defaultInit;
    const fans = fansOf(first, layer.getClassName() === 'DepthwiseConv2D');
    tf.tidy(() =>
      layer.setWeights(
        shapes.map((shape, i) => draw(shape, i === 0 ? kernel(fans, random) : bias(fans, random))),
      ),
    );
  }
}
