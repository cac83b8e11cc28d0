import type * as tfl from '@tensorflow/tfjs-layers';
import type { Parameter } from '../parameters';
import { parametersOf } from '../parameters';
import { kerasEpsilon, kerasLayer } from './keras';
import { timmEpsilon, timmModule } from './timm';

/** Whose names and layouts a state dict has. */
export type WeightSource = 'torchvision' | 'timm' | 'keras';

/** A layer's parameters as one source names, shapes and orders them. */
export interface Binding {
  layer: tfl.layers.Layer;
  parameters: Parameter[];
  /** Batch norm's ε in that source, where it differs from the layer's. */
  epsilon?: number;
}

const same = (values: Float32Array) => values;

const kerasParts: Record<string, string[]> = {
  BatchNormalization: ['gamma', 'beta', 'moving_mean', 'moving_variance'],
  DepthwiseConv2D: ['depthwise_kernel', 'bias'],
};

function kerasBinding(network: string, layer: tfl.layers.Layer): Parameter[] {
  const name = kerasLayer(network, layer.name);
  if (name === undefined) {
    throw new RangeError(
      `loadWeights: ${network} cannot take Keras's weights: mobilenetV1 and V2, vgg16 and 19, densenet121, 169 and 201 can`,
    );
  }
  const parts = kerasParts[layer.getClassName()] ?? ['kernel', 'bias'];
  return layer.weights.map((weight, i) => {
    const shape = weight.shape as number[];
    return { key: `${name}/${parts[i]}`, shape, layerShape: shape, decode: same, encode: same };
  });
}

function renamed(parameters: Parameter[], from: string, to: string): Parameter[] {
  return parameters.map((parameter) => ({ ...parameter, key: to + parameter.key.slice(from.length) }));
}

/** The network that a model is, or that it is a `featureExtractor` of. */
const networkOf = (model: tfl.LayersModel) => model.name.replace(/_features$/, '');

/** What a state dict of `source` must hold for the model, layer by layer. */
export function bindings(model: tfl.LayersModel, source: WeightSource): Binding[] {
  const network = networkOf(model);
  return model.layers
    .filter((layer) => layer.weights.length > 0)
    .map((layer) => {
      if (source === 'keras') {
        return { layer, parameters: kerasBinding(network, layer), epsilon: kerasEpsilon(network) };
      }
      const parameters = parametersOf(layer);
      if (source === 'torchvision') return { layer, parameters };
      const module = timmModule(network, layer.name);
      return { layer, parameters: renamed(parameters, layer.name, module), epsilon: timmEpsilon(network) };
    });
}
