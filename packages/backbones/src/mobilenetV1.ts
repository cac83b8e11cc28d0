import type * as tfl from '@tensorflow/tfjs-layers';
import { build, checkWidth } from './build';
import type { InitRules } from './initWeights';
import { kaimingNormal, zeros } from './initWeights';
import { conv2d, flatten, globalAvgPool, reshape, zeroPad } from './layers/basic';
import type { ConvBnOptions } from './layers/convBn';
import { convBn } from './layers/convBn';
import { dropout } from './layers/dropout';
import type { BackboneOptions, SymbolicTensor } from './options';

export interface MobilenetV1Options extends BackboneOptions {
  /** Width multiplier α on every layer. @default 1 as published */
  width?: number;
  /** The paper has `relu`. @default 'relu6' Keras's, and its weights' */
  activation?: 'relu' | 'relu6';
  /** At stride 2, zeros bottom and right as Keras's weights want (default), or on all sides as PyTorch's. */
  padding?: 'keras' | 'symmetric';
}

// Table 1 of Howard et al. 2017: pointwise channels and the depthwise stride before them. The stride of the last block
// is 1, not the printed 2: the map stays 7×7.
const blocks: [channels: number, stride: number][] = [
  [64, 1],
  [128, 2],
  [128, 1],
  [256, 2],
  [256, 1],
  [512, 2],
  [512, 1],
  [512, 1],
  [512, 1],
  [512, 1],
  [512, 1],
  [1024, 2],
  [1024, 1],
];

const init: InitRules = { conv: { kernel: kaimingNormal('out'), bias: zeros } };

function features(options: MobilenetV1Options) {
  const { width = 1, activation = 'relu6', padding = 'keras' } = options;
  checkWidth('mobilenetV1', width);
  const norm = { activation, epsilon: 1e-3, momentum: 0.99 }; // Keras's batch norm
  const convolve = (x: SymbolicTensor, name: string, stride: number, filters: ConvBnOptions['filters']) => {
    const keras = stride === 2 && padding === 'keras';
    const padded = keras ? zeroPad(x, `${name}.pad`, 0, 1) : x;
    const names: [string, string, string] = [name, `${name}_bn`, `${name}_relu`];
    return convBn(padded, names, { ...norm, filters, kernelSize: 3, stride, padding: keras ? 0 : 1 });
  };
  return (input: SymbolicTensor) => {
    let x = convolve(input, 'conv1', 2, Math.floor(32 * width));
    blocks.forEach(([channels, stride], i) => {
      x = convolve(x, `conv_dw_${i + 1}`, stride, 'depthwise');
      const name = `conv_pw_${i + 1}`;
      const filters = Math.floor(channels * width);
      x = convBn(x, [name, `${name}_bn`, `${name}_relu`], { ...norm, filters, kernelSize: 1 });
    });
    return x;
  };
}

/** MobileNet V1 (Howard et al. 2017, arXiv 1704.04861), layers by Keras's names. 4,231,976 parameters at width 1. */
export function mobilenetV1(options: MobilenetV1Options = {}): tfl.LayersModel {
  const { dropout: rate = 1e-3, random } = options;
  const top = (map: SymbolicTensor, numClasses: number) => {
    const pooled = globalAvgPool(map, 'global_average_pooling2d');
    const pixel = reshape(pooled, 'reshape_1', [1, 1, pooled.shape[1] as number]);
    const kept = dropout(pixel, 'dropout', rate, random);
    return flatten(conv2d(kept, 'conv_preds', { filters: numClasses, kernelSize: 1 }), 'reshape_2');
  };
  return build({ name: 'mobilenet_v1', init, features: features(options), top }, options);
}
