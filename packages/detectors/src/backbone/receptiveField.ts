import type * as tf from '@tensorflow/tfjs-layers';

/** Where the cells of a feature map look: cell i is centred on input pixel `stride · i + center` (continuous edges). */
export interface ReceptiveField {
  stride: number;
  center: number;
}

interface WindowConfig {
  kernel: number;
  stride: number;
  /** Zeros before and after the input; 'same' puts them around evenly. */
  padding: [number, number];
}

/**
 * Stride and centre of a layer's cells, from the windows between it and the input (Araujo, Norris & Sim 2019).
 * Unpadded layers, as SqueezeNet's, see further right and down than `stride · (i + ½)`, by half a cell at stride 16:
 * for a small object that is the difference between its features and its neighbour's.
 */
export function receptiveField(output: tf.SymbolicTensor): ReceptiveField {
  let stride = 1;
  let center = 0.5; // of cell 0, in its own grid; walked back to the input
  // A layer's first input: branches of one module (a fire module's two expands) are aligned with each other.
  for (let tensor: tf.SymbolicTensor | undefined = output; tensor; tensor = tensor.inputs[0]) {
    const window = windowOf(tensor.sourceLayer);
    center = center * window.stride + (window.kernel - window.stride) / 2 - window.padding[0];
    stride *= window.stride;
  }
  return { stride, center };
}

/** The shortest side of an input for which every map on the way to `outputs` has at least one cell. */
export function smallestInput(outputs: readonly tf.SymbolicTensor[]): number {
  const needed = new Map<number, number>(); // by tensor: the side it must have
  let smallest = 1;
  const demand = (tensor: tf.SymbolicTensor, side: number): void => {
    if ((needed.get(tensor.id) ?? 0) >= side) return;
    needed.set(tensor.id, side);
    const { kernel, stride, padding } = windowOf(tensor.sourceLayer);
    const before = (side - 1) * stride + kernel - padding[0] - padding[1];
    if (tensor.inputs.length === 0) smallest = Math.max(smallest, side);
    for (const input of tensor.inputs) demand(input, Math.max(1, before));
  };
  for (const output of outputs) demand(output, 1);
  return smallest;
}

function windowOf(layer: tf.layers.Layer): WindowConfig {
  const config = layer.getConfig() as {
    kernelSize?: number[];
    poolSize?: number[];
    strides?: number[];
    dilationRate?: number[];
    padding?: string | number[][];
  };
  const stride = config.strides?.[0] ?? 1;
  const size = config.kernelSize?.[0] ?? config.poolSize?.[0];
  if (size === undefined) {
    const padding = Array.isArray(config.padding) ? (config.padding[0] as [number, number]) : [0, 0]; // ZeroPadding2D
    return { kernel: 1, stride: 1, padding: padding as [number, number] };
  }
  const kernel = (size - 1) * (config.dilationRate?.[0] ?? 1) + 1;
  const around = config.padding === 'same' ? (kernel - 1) / 2 : 0;
  return { kernel, stride, padding: [around, around] };
}
