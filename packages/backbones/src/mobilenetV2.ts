import type * as tfl from '@tensorflow/tfjs-layers';
import { build, checkWidth } from './build';
import type { InitRules } from './initWeights';
import { kaimingNormal, normal, zeros } from './initWeights';
import { add, dense, globalAvgPool } from './layers/basic';
import { convBn, convNormActivation, makeDivisible } from './layers/convBn';
import { dropout } from './layers/dropout';
import type { BackboneOptions, SymbolicTensor } from './options';

export interface MobilenetV2Options extends BackboneOptions {
  /** Width multiplier; below 1 the last 1×1 convolution keeps its 1280 channels. @default 1 as published */
  width?: number;
  /** Zeros all round as PyTorch has them (default), or bottom and right on even maps as Keras's weights want. */
  padding?: 'symmetric' | 'keras';
}

// Table 2 of Sandler et al. 2018: expansion t, channels c, repeats n, stride s of the first.
const table: [t: number, c: number, n: number, s: number][] = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
];

const init: InitRules = {
  conv: { kernel: kaimingNormal('out'), bias: zeros },
  dense: { kernel: normal(0.01), bias: zeros },
};
const activation = 'relu6';

interface Block {
  /** Expansion. */
  t: number;
  filters: number;
  stride: number;
  padding: 1 | 'same';
}

/** Expand, filter by channel, project without activation; nothing to expand at t = 1. */
function invertedResidual(x: SymbolicTensor, name: string, { t, filters, stride, padding }: Block) {
  const inputs = x.shape[3] as number;
  let y = x;
  let index = 0;
  if (t !== 1)
    y = convNormActivation(y, `${name}.conv.${index++}`, { filters: inputs * t, kernelSize: 1, activation });
  y = convNormActivation(y, `${name}.conv.${index++}`, {
    filters: 'depthwise',
    kernelSize: 3,
    stride,
    padding,
    activation,
  });
  y = convBn(y, [`${name}.conv.${index}`, `${name}.conv.${index + 1}`], { filters, kernelSize: 1 });
  return stride === 1 && inputs === filters ? add([x, y], name) : y;
}

/** MobileNet V2 (Sandler et al. 2018, arXiv 1801.04381). 3,504,872 parameters at width 1. */
export function mobilenetV2(options: MobilenetV2Options = {}): tfl.LayersModel {
  const { width = 1, dropout: rate = 0.2, random } = options;
  checkWidth('mobilenetV2', width);
  const padding = options.padding === 'keras' ? 'same' : 1;
  const features = (input: SymbolicTensor) => {
    let x = convNormActivation(input, 'features.0', {
      filters: makeDivisible(32 * width),
      kernelSize: 3,
      stride: 2,
      padding,
      activation,
    });
    let index = 1;
    for (const [t, c, n, s] of table) {
      for (let i = 0; i < n; i++) {
        const block = { t, filters: makeDivisible(c * width), stride: i === 0 ? s : 1, padding } as const;
        x = invertedResidual(x, `features.${index++}`, block);
      }
    }
    const filters = makeDivisible(1280 * Math.max(1, width));
    return convNormActivation(x, `features.${index}`, { filters, kernelSize: 1, activation });
  };
  const top = (map: SymbolicTensor, numClasses: number) =>
    dense(dropout(globalAvgPool(map, 'avgpool'), 'classifier.0', rate, random), 'classifier.1', numClasses);
  return build({ name: 'mobilenet_v2', init, features, top }, options);
}
