import type * as tfl from '@tensorflow/tfjs-layers';
import { model as tflModel } from '@tensorflow/tfjs-layers';
import { inboundLayers } from './graph';
import type { SymbolicTensor } from './options';

export interface FeatureExtractorOptions {
  /** Pixels of input to one of the map: the deepest map of each stride is taken, as detectors do. */
  stride?: number | number[];
  /** Module paths, torchvision's: a module's output is that of its last layer. */
  layer?: string | string[];
}

// What torchvision's networks call the part after the feature map.
const topModules = /^(classifier|fc|avgpool|flatten|head|AuxLogits|dropout)\b/;

function ownStride(layer: tfl.layers.Layer): number {
  const { strides } = layer as unknown as { strides?: number | number[] };
  return (Array.isArray(strides) ? strides[0] : strides) ?? 1;
}

/** Input pixels to one pixel of each layer's map, for the layers that have a map; the top has none. */
function outputStrides(model: tfl.LayersModel): Map<string, number> {
  const strides = new Map<string, number>();
  for (const layer of model.layers) {
    if (topModules.test(layer.name)) continue;
    const before = inboundLayers(layer).map(({ name }) => strides.get(name) ?? 1);
    strides.set(layer.name, ownStride(layer) * Math.max(1, ...before));
  }
  return strides;
}

// Zeros put around a map for the next convolution or pool, which are no map of the network's.
const isPadding = (layer: tfl.layers.Layer) => /Padding/.test(layer.getClassName());

function byStride(model: tfl.LayersModel, strides: Map<string, number>, stride: number): string {
  const maps = [...strides].filter(([name]) => !isPadding(model.getLayer(name)));
  const found = maps.filter(([, value]) => value === stride).at(-1);
  if (!found) {
    const known = [...new Set(strides.values())].join(', ');
    throw new RangeError(`featureExtractor: ${model.name} has maps of stride ${known}, none of ${stride}`);
  }
  return found[0];
}

function byName(model: tfl.LayersModel, name: string): string {
  const exact = model.layers.find((layer) => layer.name === name);
  const inside = model.layers.filter((layer) => layer.name.startsWith(`${name}.`)).at(-1);
  const found = exact ?? inside;
  if (!found) {
    const known = model.layers.map((layer) => layer.name).join(', ');
    throw new RangeError(`featureExtractor: ${model.name} has no module ${name}; its layers are ${known}`);
  }
  return found.name;
}

/**
 * A model from the same input to one or several inner maps. It shares the layers, and so the weights, of `model`.
 *
 * @returns a model with one output `[N, h, w, C]` per stride or layer, in the order asked for.
 * @throws RangeError where the network has no such stride or layer.
 */
export function featureExtractor(model: tfl.LayersModel, options: FeatureExtractorOptions): tfl.LayersModel {
  if ((options.stride === undefined) === (options.layer === undefined)) {
    throw new TypeError('featureExtractor: give either stride or layer');
  }
  const strides = outputStrides(model);
  const names =
    options.stride === undefined
      ? [options.layer ?? []].flat().map((name) => byName(model, name))
      : [options.stride].flat().map((stride) => byStride(model, strides, stride));
  const outputs = names.map((name) => model.getLayer(name).output as SymbolicTensor);
  return tflModel({ name: `${model.name}_features`, inputs: model.inputs, outputs });
}
