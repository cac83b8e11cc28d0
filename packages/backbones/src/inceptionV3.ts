import type * as tfl from '@tensorflow/tfjs-layers';
import { build } from './build';
import type { InitRules } from './initWeights';
import { normal, torchDefault, zeros } from './initWeights';
import { avgPool, concat, dense, globalAvgPool, maxPool } from './layers/basic';
import type { Conv2dOptions } from './layers/basic';
import { convBn } from './layers/convBn';
import { dropout } from './layers/dropout';
import type { BackboneOptions, SymbolicTensor } from './options';

export interface InceptionV3Options extends BackboneOptions {
  /** Whether to add the auxiliary classifier as a second output; it serves training only. @default false for inference */
  auxLogits?: boolean;
}

type Conv = Pick<Conv2dOptions, 'filters' | 'kernelSize' | 'stride' | 'padding'>;

function basicConv(x: SymbolicTensor, name: string, conv: Conv): SymbolicTensor {
  return convBn(x, [`${name}.conv`, `${name}.bn`, name], { ...conv, activation: 'relu', epsilon: 1e-3 });
}

/** Convolutions one after another, `name_1`, `name_2`, …; kernels keep the size but at a stride. */
function tower(
  x: SymbolicTensor,
  name: string,
  convs: [filters: number, height: number, width?: number][],
): SymbolicTensor {
  return convs.reduce((y, [filters, height, width = height], i) => {
    const padding: [number, number] = [(height - 1) / 2, (width - 1) / 2];
    return basicConv(y, `${name}_${i + 1}`, { filters, kernelSize: [height, width], padding });
  }, x);
}

const same3 = { kernelSize: 3, stride: 1, padding: 1 };
const half = { kernelSize: 3, stride: 2 };

function poolBranch(x: SymbolicTensor, name: string, filters: number): SymbolicTensor {
  return basicConv(avgPool(x, `${name}.pool`, same3), `${name}.branch_pool`, { filters, kernelSize: 1 });
}

/** 35×35 (Fig. 5 of Szegedy et al. 2015): a 5×5, and it again as two 3×3. */
function inceptionA(x: SymbolicTensor, name: string, poolFeatures: number): SymbolicTensor {
  const branch1x1 = basicConv(x, `${name}.branch1x1`, { filters: 64, kernelSize: 1 });
  const branch5x5 = tower(x, `${name}.branch5x5`, [
    [48, 1],
    [64, 5],
  ]);
  const branch3x3dbl = tower(x, `${name}.branch3x3dbl`, [
    [64, 1],
    [96, 3],
    [96, 3],
  ]);
  return concat([branch1x1, branch5x5, branch3x3dbl, poolBranch(x, name, poolFeatures)], name);
}

/** 35×35 to 17×17 (Fig. 10): convolutions and a pool of stride 2 side by side. */
function inceptionB(x: SymbolicTensor, name: string): SymbolicTensor {
  const branch3x3 = basicConv(x, `${name}.branch3x3`, { filters: 384, ...half });
  const dbl = tower(x, `${name}.branch3x3dbl`, [
    [64, 1],
    [96, 3],
  ]);
  const branch3x3dbl = basicConv(dbl, `${name}.branch3x3dbl_3`, { filters: 96, ...half });
  return concat([branch3x3, branch3x3dbl, maxPool(x, `${name}.branch_pool`, half)], name);
}

/** 17×17 (Fig. 6): 7×7 as 1×7 and 7×1. */
function inceptionC(x: SymbolicTensor, name: string, c7: number): SymbolicTensor {
  const branch1x1 = basicConv(x, `${name}.branch1x1`, { filters: 192, kernelSize: 1 });
  const branch7x7 = tower(x, `${name}.branch7x7`, [
    [c7, 1],
    [c7, 1, 7],
    [192, 7, 1],
  ]);
  const branch7x7dbl = tower(x, `${name}.branch7x7dbl`, [
    [c7, 1],
    [c7, 7, 1],
    [c7, 1, 7],
    [c7, 7, 1],
    [192, 1, 7],
  ]);
  return concat([branch1x1, branch7x7, branch7x7dbl, poolBranch(x, name, 192)], name);
}

/** 17×17 to 8×8. */
function inceptionD(x: SymbolicTensor, name: string): SymbolicTensor {
  const narrow = tower(x, `${name}.branch3x3`, [[192, 1]]);
  const branch3x3 = basicConv(narrow, `${name}.branch3x3_2`, { filters: 320, ...half });
  const seven = tower(x, `${name}.branch7x7x3`, [
    [192, 1],
    [192, 1, 7],
    [192, 7, 1],
  ]);
  const branch7x7x3 = basicConv(seven, `${name}.branch7x7x3_4`, { filters: 192, ...half });
  return concat([branch3x3, branch7x7x3, maxPool(x, `${name}.branch_pool`, half)], name);
}

/** 1×3 and 3×1 of the same map, side by side. */
function fork(x: SymbolicTensor, name: string): SymbolicTensor {
  const a = basicConv(x, `${name}a`, { filters: 384, kernelSize: [1, 3], padding: [0, 1] });
  const b = basicConv(x, `${name}b`, { filters: 384, kernelSize: [3, 1], padding: [1, 0] });
  return concat([a, b], `${name}.concat`);
}

/** 8×8 (Fig. 7): the bank grows wide. */
function inceptionE(x: SymbolicTensor, name: string): SymbolicTensor {
  const branch1x1 = basicConv(x, `${name}.branch1x1`, { filters: 320, kernelSize: 1 });
  const branch3x3 = fork(tower(x, `${name}.branch3x3`, [[384, 1]]), `${name}.branch3x3_2`);
  const branch3x3dbl = fork(
    tower(x, `${name}.branch3x3dbl`, [
      [448, 1],
      [384, 3],
    ]),
    `${name}.branch3x3dbl_3`,
  );
  return concat([branch1x1, branch3x3, branch3x3dbl, poolBranch(x, name, 192)], name);
}

function features(input: SymbolicTensor): SymbolicTensor {
  let x = basicConv(input, 'Conv2d_1a_3x3', { filters: 32, ...half });
  x = basicConv(x, 'Conv2d_2a_3x3', { filters: 32, kernelSize: 3 });
  x = basicConv(x, 'Conv2d_2b_3x3', { filters: 64, kernelSize: 3, padding: 1 });
  x = maxPool(x, 'maxpool1', half);
  x = basicConv(x, 'Conv2d_3b_1x1', { filters: 80, kernelSize: 1 });
  x = basicConv(x, 'Conv2d_4a_3x3', { filters: 192, kernelSize: 3 });
  x = maxPool(x, 'maxpool2', half);
  x = inceptionA(x, 'Mixed_5b', 32);
  x = inceptionA(x, 'Mixed_5c', 64);
  x = inceptionA(x, 'Mixed_5d', 64);
  x = inceptionB(x, 'Mixed_6a');
  x = inceptionC(x, 'Mixed_6b', 128);
  x = inceptionC(x, 'Mixed_6c', 160);
  x = inceptionC(x, 'Mixed_6d', 160);
  x = inceptionC(x, 'Mixed_6e', 192);
  x = inceptionD(x, 'Mixed_7a');
  x = inceptionE(x, 'Mixed_7b');
  return inceptionE(x, 'Mixed_7c');
}

/** The auxiliary classifier on the 17×17 maps. */
function auxHead(x: SymbolicTensor, numClasses: number): SymbolicTensor {
  const pooled = avgPool(x, 'AuxLogits.pool', { kernelSize: 5, stride: 3 });
  const reduced = basicConv(pooled, 'AuxLogits.conv0', { filters: 128, kernelSize: 1 });
  const wide = basicConv(reduced, 'AuxLogits.conv1', { filters: 768, kernelSize: 5 });
  return dense(globalAvgPool(wide, 'AuxLogits.avgpool'), 'AuxLogits.fc', numClasses);
}

const still = { kernel: normal(0.1), bias: torchDefault };
const init: InitRules = {
  conv: still,
  dense: still,
  layers: {
    'AuxLogits.conv1.conv': { kernel: normal(0.01), bias: zeros },
    'AuxLogits.fc': { kernel: normal(0.001), bias: torchDefault },
  },
};

/** Inception V3 (Szegedy et al. 2015, arXiv 1512.00567), input 299. 27,161,264 parameters with the auxiliary head. */
export function inceptionV3(options: InceptionV3Options = {}): tfl.LayersModel {
  const { auxLogits = false, dropout: rate = 0.5, random } = options;
  const top = (map: SymbolicTensor, numClasses: number) =>
    dense(dropout(globalAvgPool(map, 'avgpool'), 'dropout', rate, random), 'fc', numClasses);
  const network = { name: 'inception_v3', size: 299, init, features, top };
  if (!auxLogits) return build(network, options);
  const aux = (trunk: tfl.LayersModel, numClasses: number) =>
    auxHead(trunk.getLayer('Mixed_6e').output as SymbolicTensor, numClasses);
  return build({ ...network, aux }, options);
}
