import type * as tfl from '@tensorflow/tfjs-layers';
import { inboundLayers } from './graph';
import type { KernelShape } from './layout';
import { denseToLinear, hwioToOihw, linearToDense, oihwToHwio, transpose } from './layout';

/** One array of a layer as a state dict names, shapes and orders it, beside the layer's own. */
export interface Parameter {
  /** `features.0.weight` */
  key: string;
  /** The state dict's shape. */
  shape: number[];
  layerShape: number[];
  /** From the state dict's order of values to the layer's. */
  decode: (values: Float32Array) => Float32Array;
  encode: (values: Float32Array) => Float32Array;
}

const same = (values: Float32Array) => values;

function vector(key: string, layerShape: number[]): Parameter {
  return { key, shape: layerShape, layerShape, decode: same, encode: same };
}

/** H·W of the map that was flattened into this dense layer, 1 where the layer before gives a vector. */
function flattenedPixels(layer: tfl.layers.Layer): number {
  const [before] = inboundLayers(layer);
  if (!before) return 1;
  if (before.getClassName() === 'Flatten') {
    const shape = (before.input as tfl.SymbolicTensor).shape;
    return shape.slice(1, -1).reduce<number>((product, side) => product * (side ?? 1), 1);
  }
  return before.getClassName() === 'RandomDropout' || before.getClassName() === 'Dropout'
    ? flattenedPixels(before)
    : 1;
}

function kernel(layer: tfl.layers.Layer, layerShape: number[]): Parameter {
  const key = `${layer.name}.weight`;
  if (layerShape.length === 2) {
    const [inputs, out] = layerShape as [number, number];
    const pixels = flattenedPixels(layer);
    return {
      key,
      shape: [out, inputs],
      layerShape,
      decode: (values) => linearToDense(values, [out, inputs], pixels),
      encode: (values) => denseToLinear(values, [inputs, out], pixels),
    };
  }
  const kernelShape = layerShape as KernelShape;
  const [height, width, inputs, out] = kernelShape;
  if (layer.getClassName() === 'DepthwiseConv2D') {
    const taps = height * width;
    return {
      key,
      shape: [inputs, 1, height, width],
      layerShape,
      decode: (values) => transpose(values, inputs, taps),
      encode: (values) => transpose(values, taps, inputs),
    };
  }
  const shape: KernelShape = [out, inputs, height, width];
  return {
    key,
    shape,
    layerShape,
    decode: (values) => oihwToHwio(values, shape),
    encode: (values) => hwioToOihw(values, kernelShape),
  };
}

const batchNormKeys = ['weight', 'bias', 'running_mean', 'running_var'];

/** A layer's parameters as torchvision has them, in the order of its `getWeights()`; none for layers without weights. */
export function parametersOf(layer: tfl.layers.Layer): Parameter[] {
  const shapes = layer.weights.map((weight) => weight.shape as number[]);
  const [first, ...rest] = shapes;
  if (!first) return [];
  if (layer.getClassName() === 'BatchNormalization') {
    return shapes.map((shape, i) => vector(`${layer.name}.${batchNormKeys[i]}`, shape));
  }
  return [kernel(layer, first), ...rest.map((shape) => vector(`${layer.name}.bias`, shape))];
}
