import type * as tf from '@tensorflow/tfjs-layers';

/** Where the cells of a feature map look: cell i is centred on input pixel `stride · i + center` (continuous edges). */
export interface ReceptiveField {
  stride: number;
  center: number;
}

interface WindowConfig {
  kernel: number;
  stride: number;
  /** Zeros before the first input. */
  padding: number;
}

/**
 * Stride and centre of a layer's cells, from the windows between it and the input (Araujo, Norris & Sim 2019).
 * Unpadded layers, as SqueezeNet's, see further right and down than `stride · (i + ½)`, by half a cell at stride 16:
 * for a small object that is the difference between its features and its neighbour's.
 */
export function receptiveField(output: tf.SymbolicTensor): ReceptiveField {
  let stride = 1;
  let center = 0.5; // of cell 0, in its own grid; walked back to the input
  for (let tensor: tf.SymbolicTensor | undefined = output; tensor; tensor = inputOf(tensor)) {
    const window = windowOf(tensor.sourceLayer);
    center = center * window.stride + (window.kernel - window.stride) / 2 - window.padding;
    stride *= window.stride;
  }
  return { stride, center };
}

/** A layer's first input; branches of one module (a fire module's two expands) are aligned with each other. */
function inputOf(tensor: tf.SymbolicTensor): tf.SymbolicTensor | undefined {
  return tensor.inputs[0];
}

function windowOf(layer: tf.layers.Layer): WindowConfig {
  const config = layer.getConfig() as {
    kernelSize?: number[];
    poolSize?: number[];
    strides?: number[];
    dilationRate?: number[];
    padding?: string | number[][];
  };
  const size = config.kernelSize?.[0] ?? config.poolSize?.[0];
  if (size === undefined) {
    const zeros = Array.isArray(config.padding) ? config.padding[0]![0]! : 0; // ZeroPadding2D
    return { kernel: 1, stride: 1, padding: zeros };
  }
  const kernel = (size - 1) * (config.dilationRate?.[0] ?? 1) + 1;
  return {
    kernel,
    stride: config.strides?.[0] ?? 1,
    padding: config.padding === 'same' ? (kernel - 1) / 2 : 0,
  };
}
