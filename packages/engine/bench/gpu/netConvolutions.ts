import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Shrink } from './kernels';
import { mobilenetV2, resnet50, squeezenet1_1 } from '../../../backbones/src/index';

type Shape4D = [number, number, number, number];

/** A convolution by what its kernels see. */
export interface NetConvolution {
  kind: 'conv2d' | 'depthwise';
  x: Shape4D;
  filter: Shape4D;
  strides: [number, number];
  pad: 'same' | 'valid';
}

/** The nets of the benches: Fast R-CNN's of recipes/bccd.json at 640×480, and two more at 224×224. */
const nets: [name: string, create: () => LayersModel][] = [
  ['SqueezeNet 1.1', () => squeezenet1_1({ inputShape: [480, 640, 3] })],
  ['ResNet-50', () => resnet50({ inputShape: [224, 224, 3] })],
  ['MobileNet V2', () => mobilenetV2({ inputShape: [224, 224, 3] })],
];

export const nameOf = ({ kind, x, filter, strides }: NetConvolution): string => {
  const [, height, width, inputs] = x;
  const outputs = kind === 'conv2d' ? `→${filter[3]}` : ' depthwise';
  return `${filter[0]}×${filter[1]}/${strides[0]} ${height}×${width}×${inputs}${outputs}`;
};

/** Multiplications and additions of one pass; each gradient has as many. */
export function operationsOf({ kind, x, filter, strides, pad }: NetConvolution): number {
  const info = tf.backend_util.computeConv2DInfo(x, filter, strides, 1, pad, undefined, kind === 'depthwise');
  const { outHeight, outWidth, outChannels, filterHeight, filterWidth } = info;
  const perValue = filterHeight * filterWidth * (kind === 'conv2d' ? x[3] : 1);
  return 2 * outHeight * outWidth * outChannels * perValue;
}

/** Every different convolution of a net, in order; `shrink` its maps' sides. */
function convolutionsOf(model: LayersModel, shrink: Shrink): NetConvolution[] {
  const found = new Map<string, NetConvolution>();
  for (const layer of model.layers) {
    const className = layer.getClassName();
    if (className !== 'Conv2D' && className !== 'DepthwiseConv2D') continue;
    const [, height, width, channels] = (layer.input as { shape: (number | null)[] }).shape as Shape4D;
    const { strides, padding } = layer.getConfig() as {
      strides: [number, number];
      padding: 'same' | 'valid';
    };
    const convolution: NetConvolution = {
      kind: className === 'Conv2D' ? 'conv2d' : 'depthwise',
      x: [1, shrink(height), shrink(width), channels],
      filter: layer.weights[0]!.shape as Shape4D,
      strides: [...strides],
      pad: padding,
    };
    found.set(nameOf(convolution), convolution);
  }
  return [...found.values()];
}

export function netConvolutions(shrink: Shrink): [net: string, NetConvolution[]][] {
  return nets.map(([name, create]) => {
    const model = create();
    const convolutions = convolutionsOf(model, shrink);
    model.dispose();
    return [name, convolutions];
  });
}
