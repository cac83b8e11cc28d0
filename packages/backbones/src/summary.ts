import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { inboundLayers } from './graph';
import type { KernelShape } from './layout';

export interface LayerSummary {
  name: string;
  /** The layer's class. */
  type: string;
  /** Without the batch. */
  outputShape: number[];
  parameters: number;
  /** Multiply-accumulates for one image; of convolutions and dense layers, as papers count them. */
  macs: number;
}

export interface Summary {
  layers: LayerSummary[];
  /** Parameters that training changes. */
  trainableParameters: number;
  /** Batch norms' moving statistics come on top. */
  totalParameters: number;
  macs: number;
}

const sizeOf = (shape: readonly (number | null)[]) => tf.util.sizeFromShape(shape as number[]);

/** Output shapes of all layers for one input size. */
function shapesOf(model: tfl.LayersModel, inputShape: number[]): Map<tfl.layers.Layer, number[]> {
  const shapes = new Map<tfl.layers.Layer, number[]>();
  for (const layer of model.layers) {
    const inputs = inboundLayers(layer).map((before) => [1, ...(shapes.get(before) as number[])]);
    const output =
      inputs.length === 0
        ? [1, ...inputShape]
        : layer.computeOutputShape(inputs.length === 1 ? inputs[0]! : inputs);
    shapes.set(layer, (output as number[]).slice(1));
  }
  return shapes;
}

function macsOf(layer: tfl.layers.Layer, outputShape: number[]): number {
  const [kernel] = layer.weights;
  if (!kernel || kernel.shape.length < 2) return 0;
  const shape = kernel.shape as number[];
  if (shape.length === 2) return sizeOf(shape);
  const [height, width, inputs] = shape as KernelShape;
  const perOutput = layer.getClassName() === 'DepthwiseConv2D' ? height * width : height * width * inputs;
  return sizeOf(outputShape) * perOutput;
}

/**
 * Parameters and multiply-accumulates of a network, layer by layer.
 *
 * @param inputShape `[height, width, channels]`; needed where the model's own has a `null`.
 */
export function summary(model: tfl.LayersModel, inputShape?: [number, number, number]): Summary {
  const shape = inputShape ?? model.inputs[0]!.shape.slice(1);
  if (shape.some((side) => side === null)) {
    throw new RangeError(`summary: ${model.name} takes any size, so give inputShape, such as [224, 224, 3]`);
  }
  const shapes = shapesOf(model, shape as number[]);
  const layers = model.layers.map((layer) => {
    const outputShape = shapes.get(layer) as number[];
    const parameters = layer.weights.reduce((sum, weight) => sum + sizeOf(weight.shape), 0);
    return {
      name: layer.name,
      type: layer.getClassName(),
      outputShape,
      parameters,
      macs: macsOf(layer, outputShape),
    };
  });
  const trainable = model.layers.flatMap((layer) => layer.trainableWeights);
  return {
    layers,
    trainableParameters: trainable.reduce((sum, weight) => sum + sizeOf(weight.shape), 0),
    totalParameters: layers.reduce((sum, { parameters }) => sum + parameters, 0),
    macs: layers.reduce((sum, { macs }) => sum + macs, 0),
  };
}
