import type * as tfl from '@tensorflow/tfjs-layers';
import { build, checkWidth } from './build';
import type { InitRules } from './initWeights';
import { kaimingNormal, normal, zeros } from './initWeights';
import { add, avgPool, concat, dense, globalAvgPool, maxPool, relu } from './layers/basic';
import { convBn } from './layers/convBn';
import { channelShuffleLayer } from './layers/grouped';
import type { BackboneOptions, SymbolicTensor } from './options';

export interface ShufflenetV1Options extends BackboneOptions {
  /** Groups of the pointwise convolutions. @default 3 the paper's choice for most tables */
  groups?: 1 | 2 | 3 | 4 | 8;
  /** Scale of every channel count, "s×" in the paper. @default 1 as published */
  width?: number;
  /**
   * `paper` (default): shuffle before the depthwise convolution. `megvii`: after it and in the inverse order, without
   * a bias in the classifier, as the authors' later code and weights.
   */
  shuffle?: 'paper' | 'megvii';
}

// Table 1 of Zhang et al. 2017: output channels of stage 2 (stages 3 and 4 double them), and repeats.
const stage2Channels = { 1: 144, 2: 200, 3: 240, 4: 272, 8: 384 };
const repeats = [4, 8, 4];

const init: InitRules = {
  conv: { kernel: kaimingNormal('out'), bias: zeros },
  dense: { kernel: normal(0.01), bias: zeros },
};

interface Unit {
  out: number;
  stride: number;
  groups: number;
  /** Groups of the first pointwise convolution: 1 where too few channels come in. */
  firstGroups: number;
  shuffle: 'paper' | 'megvii';
}

/** Fig. 2 (b) at stride 1, (c) at stride 2, where the input joins as channels and the branch makes only the rest. */
function unit(x: SymbolicTensor, name: string, options: Unit): SymbolicTensor {
  const { out, stride, groups, firstGroups, shuffle } = options;
  const middle = Math.floor(out / 4);
  const filters = stride === 2 ? out - (x.shape[3] as number) : out;
  const main = `${name}.branch_main_1`;
  let y = convBn(x, [`${main}.0`, `${main}.1`, `${main}.2`], {
    filters: middle,
    kernelSize: 1,
    groups: firstGroups,
    activation: 'relu',
  });
  if (shuffle === 'paper') y = channelShuffleLayer(y, `${name}.shuffle`, groups);
  y = convBn(y, [`${main}.3`, `${main}.4`], { filters: 'depthwise', kernelSize: 3, stride, padding: 1 });
  if (shuffle === 'megvii' && groups > 1) y = channelShuffleLayer(y, `${name}.shuffle`, middle / groups);
  y = convBn(y, [`${name}.branch_main_2.0`, `${name}.branch_main_2.1`], { filters, kernelSize: 1, groups });
  if (stride === 1) return relu(add([x, y], `${name}.add`), name);
  const pooled = avgPool(x, `${name}.branch_proj`, { kernelSize: 3, stride: 2, padding: 1 });
  return relu(concat([pooled, y], `${name}.concat`), name);
}

/** ShuffleNet V1 (Zhang et al. 2017, arXiv 1707.01083), layers by the authors' names. 1,865,728 parameters at 3 groups. */
export function shufflenetV1(options: ShufflenetV1Options = {}): tfl.LayersModel {
  const { groups = 3, width = 1, shuffle = 'paper' } = options;
  checkWidth('shufflenetV1', width);
  const features = (input: SymbolicTensor) => {
    let x = convBn(input, ['first_conv.0', 'first_conv.1', 'first_conv.2'], {
      filters: Math.floor(24 * width),
      kernelSize: 3,
      stride: 2,
      padding: 1,
      activation: 'relu',
    });
    x = maxPool(x, 'maxpool', { kernelSize: 3, stride: 2, padding: 1 });
    let index = 0;
    repeats.forEach((count, stage) => {
      const out = Math.floor(stage2Channels[groups] * 2 ** stage * width);
      for (let i = 0; i < count; i++) {
        const firstGroups = index === 0 ? 1 : groups;
        x = unit(x, `features.${index++}`, { out, stride: i === 0 ? 2 : 1, groups, firstGroups, shuffle });
      }
    });
    return x;
  };
  const top = (map: SymbolicTensor, numClasses: number) =>
    dense(globalAvgPool(map, 'globalpool'), 'classifier.0', numClasses, 'linear', shuffle === 'paper');
  return build({ name: `shufflenet_v1_g${groups}`, init, features, top }, options);
}
