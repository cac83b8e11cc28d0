import type * as tfl from '@tensorflow/tfjs-layers';
import { build } from './build';
import type { InitRules } from './initWeights';
import { kaimingUniform, normal, zeros } from './initWeights';
import { add, concat, conv2d, globalAvgPool, maxPool } from './layers/basic';
import { dropout } from './layers/dropout';
import type { BackboneOptions, SymbolicTensor } from './options';

export interface SqueezenetOptions extends BackboneOptions {
  /**
   * Shortcuts around the fire modules (§6 of the paper): `simple` adds the input where channels agree (fire 3, 5, 7,
   * 9; the most accurate), `complex` also a 1×1 convolution of it elsewhere.
   *
   * @default 'none' as the published weights
   */
  bypass?: 'none' | 'simple' | 'complex';
}

/** Squeeze width, and the width of each of the two expand convolutions. */
type Fire = [squeeze: number, expand: number];
type Row = { conv: [filters: number, kernelSize: number] } | 'pool' | Fire;

// Tables 1 of the paper (1.0) and of forresti/SqueezeNet (1.1): fire 2 to 9 are the same, pools come earlier in 1.1.
// prettier-ignore
const table1_0: Row[] = [
  { conv: [96, 7] }, 'pool',
  [16, 64], [16, 64], [32, 128], 'pool',
  [32, 128], [48, 192], [48, 192], [64, 256], 'pool',
  [64, 256],
];
// prettier-ignore
const table1_1: Row[] = [
  { conv: [64, 3] }, 'pool',
  [16, 64], [16, 64], 'pool',
  [32, 128], [32, 128], 'pool',
  [48, 192], [48, 192], [64, 256], [64, 256],
];

const still = { kernel: kaimingUniform, bias: zeros };
const init: InitRules = { conv: still, layers: { 'classifier.1': { kernel: normal(0.01), bias: zeros } } };

function fire(x: SymbolicTensor, name: string, [squeeze, expand]: Fire, bypass: SqueezenetOptions['bypass']) {
  const squeezed = conv2d(x, `${name}.squeeze`, { filters: squeeze, kernelSize: 1, activation: 'relu' });
  const expand1x1 = conv2d(squeezed, `${name}.expand1x1`, {
    filters: expand,
    kernelSize: 1,
    activation: 'relu',
  });
  const expand3x3 = conv2d(squeezed, `${name}.expand3x3`, {
    filters: expand,
    kernelSize: 3,
    padding: 1,
    activation: 'relu',
  });
  const outputs = 2 * expand;
  const shortcut = bypassOf(x, name, outputs, bypass);
  if (!shortcut) return concat([expand1x1, expand3x3], name);
  return add([concat([expand1x1, expand3x3], `${name}.concat`), shortcut], name);
}

function bypassOf(x: SymbolicTensor, name: string, filters: number, bypass: SqueezenetOptions['bypass']) {
  const fits = x.shape[3] === filters;
  if (bypass === 'none' || (!fits && bypass === 'simple')) return undefined;
  return fits ? x : conv2d(x, `${name}.bypass`, { filters, kernelSize: 1 });
}

function features(table: Row[], bypass: SqueezenetOptions['bypass']) {
  return (input: SymbolicTensor) => {
    let x = input;
    let index = 0;
    for (const row of table) {
      const name = `features.${index}`;
      if (row === 'pool') x = maxPool(x, name, { kernelSize: 3, stride: 2, ceilMode: true });
      else if (Array.isArray(row)) x = fire(x, name, row, bypass);
      else
        x = conv2d(x, name, { filters: row.conv[0], kernelSize: row.conv[1], stride: 2, activation: 'relu' });
      index += index === 0 ? 2 : 1; // torchvision counts the first ReLU as a module of its own
    }
    return x;
  };
}

function squeezenet(name: string, table: Row[], options: SqueezenetOptions): tfl.LayersModel {
  const { bypass = 'none', dropout: rate = 0.5, random } = options;
  const top = (x: SymbolicTensor, numClasses: number) => {
    const dropped = dropout(x, 'classifier.0', rate, random);
    const map = conv2d(dropped, 'classifier.1', { filters: numClasses, kernelSize: 1, activation: 'relu' });
    return globalAvgPool(map, 'classifier.3');
  };
  return build({ name, init, features: features(table, bypass), top }, options);
}

/** SqueezeNet 1.0 (Iandola et al. 2016, arXiv 1602.07360): AlexNet's accuracy in 1,248,424 parameters. */
export function squeezenet1_0(options: SqueezenetOptions = {}): tfl.LayersModel {
  return squeezenet('squeezenet1_0', table1_0, options);
}

/** SqueezeNet 1.1: the same accuracy as 1.0 for 2.4 times less computation. 1,235,496 parameters. */
export function squeezenet1_1(options: SqueezenetOptions = {}): tfl.LayersModel {
  return squeezenet('squeezenet1_1', table1_1, options);
}
