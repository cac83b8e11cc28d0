import type * as tfl from '@tensorflow/tfjs-layers';
import { build, checkWidth } from './build';
import type { InitRules } from './initWeights';
import { kaimingNormal, normal, zeros } from './initWeights';
import { add, conv2d, dense, globalAvgPool, multiply, reshape } from './layers/basic';
import { convNormActivation, makeDivisible } from './layers/convBn';
import { hardSigmoid, hardSwish } from './layers/custom';
import { dropout } from './layers/dropout';
import type { BackboneOptions, SymbolicTensor } from './options';

export interface MobilenetV3Options extends BackboneOptions {
  /** Width multiplier. @default 1 as published */
  width?: number;
}

type Row = [
  kernel: number,
  expanded: number,
  out: number,
  se: boolean,
  activation: 'RE' | 'HS',
  stride: number,
];

// Tables 1 and 2 of Howard et al. 2019.
const large: Row[] = [
  [3, 16, 16, false, 'RE', 1],
  [3, 64, 24, false, 'RE', 2],
  [3, 72, 24, false, 'RE', 1],
  [5, 72, 40, true, 'RE', 2],
  [5, 120, 40, true, 'RE', 1],
  [5, 120, 40, true, 'RE', 1],
  [3, 240, 80, false, 'HS', 2],
  [3, 200, 80, false, 'HS', 1],
  [3, 184, 80, false, 'HS', 1],
  [3, 184, 80, false, 'HS', 1],
  [3, 480, 112, true, 'HS', 1],
  [3, 672, 112, true, 'HS', 1],
  [5, 672, 160, true, 'HS', 2],
  [5, 960, 160, true, 'HS', 1],
  [5, 960, 160, true, 'HS', 1],
];
const small: Row[] = [
  [3, 16, 16, true, 'RE', 2],
  [3, 72, 24, false, 'RE', 2],
  [3, 88, 24, false, 'RE', 1],
  [5, 96, 40, true, 'HS', 2],
  [5, 240, 40, true, 'HS', 1],
  [5, 240, 40, true, 'HS', 1],
  [5, 120, 48, true, 'HS', 1],
  [5, 144, 48, true, 'HS', 1],
  [5, 288, 96, true, 'HS', 2],
  [5, 576, 96, true, 'HS', 1],
  [5, 576, 96, true, 'HS', 1],
];

const init: InitRules = {
  conv: { kernel: kaimingNormal('out'), bias: zeros },
  dense: { kernel: normal(0.01), bias: zeros },
};
const norm = { epsilon: 1e-3, momentum: 0.99 }; // torchvision's batch norm in this network

/** Scales each channel by a gate in [0, 1] computed from all channels' means. */
function squeezeExcitation(x: SymbolicTensor, name: string): SymbolicTensor {
  const channels = x.shape[3] as number;
  const means = reshape(globalAvgPool(x, `${name}.avgpool`), `${name}.reshape`, [1, 1, channels]);
  const squeezed = conv2d(means, `${name}.fc1`, {
    filters: makeDivisible(Math.floor(channels / 4)),
    kernelSize: 1,
    activation: 'relu',
  });
  const gate = hardSigmoid(
    conv2d(squeezed, `${name}.fc2`, { filters: channels, kernelSize: 1 }),
    `${name}.gate`,
  );
  return multiply([x, gate], name);
}

function bneck(x: SymbolicTensor, name: string, row: Row, width: number): SymbolicTensor {
  const [kernelSize, expanded, out, se, nonlinearity, stride] = row;
  const activation = nonlinearity === 'HS' ? 'hardSwish' : 'relu';
  const inputs = x.shape[3] as number;
  const wide = makeDivisible(expanded * width);
  const filters = makeDivisible(out * width);
  let y = x;
  let index = 0;
  const next = () => `${name}.block.${index++}`;
  if (wide !== inputs)
    y = convNormActivation(y, next(), { ...norm, filters: wide, kernelSize: 1, activation });
  y = convNormActivation(y, next(), { ...norm, filters: 'depthwise', kernelSize, stride, activation });
  if (se) y = squeezeExcitation(y, next());
  y = convNormActivation(y, next(), { ...norm, filters, kernelSize: 1 });
  return stride === 1 && inputs === filters ? add([x, y], name) : y;
}

function mobilenetV3(
  name: string,
  rows: Row[],
  lastChannel: number,
  options: MobilenetV3Options,
): tfl.LayersModel {
  const { width = 1, dropout: rate = 0.2, random } = options;
  checkWidth(name, width);
  const activation = 'hardSwish';
  const features = (input: SymbolicTensor) => {
    const stem = makeDivisible(16 * width);
    let x = convNormActivation(input, 'features.0', {
      ...norm,
      filters: stem,
      kernelSize: 3,
      stride: 2,
      activation,
    });
    rows.forEach((row, i) => {
      x = bneck(x, `features.${i + 1}`, row, width);
    });
    const filters = 6 * (x.shape[3] as number);
    return convNormActivation(x, `features.${rows.length + 1}`, {
      ...norm,
      filters,
      kernelSize: 1,
      activation,
    });
  };
  const top = (map: SymbolicTensor, numClasses: number) => {
    const hidden = dense(globalAvgPool(map, 'avgpool'), 'classifier.0', makeDivisible(lastChannel * width));
    return dense(
      dropout(hardSwish(hidden, 'classifier.1'), 'classifier.2', rate, random),
      'classifier.3',
      numClasses,
    );
  };
  return build({ name, init, features, top }, options);
}

/** MobileNet V3 large (Howard et al. 2019, arXiv 1905.02244). 5,483,032 parameters. */
export const mobilenetV3Large = (options: MobilenetV3Options = {}) =>
  mobilenetV3('mobilenet_v3_large', large, 1280, options);
/** MobileNet V3 small. 2,542,856 parameters. */
export const mobilenetV3Small = (options: MobilenetV3Options = {}) =>
  mobilenetV3('mobilenet_v3_small', small, 1024, options);
