import type * as tfl from '@tensorflow/tfjs-layers';
import { build } from './build';
import type { InitRules } from './initWeights';
import { kaimingNormal, normal, zeros } from './initWeights';
import { adaptiveAvgPool2d } from './layers/adaptiveAvgPool2d';
import { batchNorm, conv2d, dense, flatten, maxPool, relu } from './layers/basic';
import { dropout } from './layers/dropout';
import type { BackboneOptions, SymbolicTensor } from './options';

// Table 1 of Simonyan & Zisserman 2014 (arXiv 1409.1556): 3×3 convolutions before each of the five pools.
const widths = [64, 128, 256, 512, 512];
const configurations = {
  vgg11: [1, 1, 2, 2, 2], // A
  vgg13: [2, 2, 2, 2, 2], // B
  vgg16: [2, 2, 3, 3, 3], // D
  vgg19: [2, 2, 4, 4, 4], // E
};
type Depth = keyof typeof configurations;

const init: InitRules = {
  conv: { kernel: kaimingNormal('out'), bias: zeros },
  dense: { kernel: normal(0.01), bias: zeros },
};

function features(counts: number[], withBatchNorm: boolean) {
  return (input: SymbolicTensor) => {
    let x = input;
    let index = 0;
    counts.forEach((count, stage) => {
      for (let i = 0; i < count; i++) {
        x = block(x, index, widths[stage]!, withBatchNorm);
        index += withBatchNorm ? 3 : 2;
      }
      x = maxPool(x, `features.${index++}`, { kernelSize: 2, stride: 2 });
    });
    return x;
  };
}

function block(x: SymbolicTensor, index: number, filters: number, withBatchNorm: boolean): SymbolicTensor {
  const conv = { filters, kernelSize: 3, padding: 1 };
  if (!withBatchNorm) return conv2d(x, `features.${index}`, { ...conv, activation: 'relu' });
  const normed = batchNorm(conv2d(x, `features.${index}`, conv), `features.${index + 1}`);
  return relu(normed, `features.${index + 2}`);
}

function vgg(depth: Depth, withBatchNorm: boolean, options: BackboneOptions): tfl.LayersModel {
  const { dropout: rate = 0.5, random } = options;
  const top = (map: SymbolicTensor, numClasses: number) => {
    let x = flatten(adaptiveAvgPool2d(map, 'avgpool', 7));
    x = dropout(dense(x, 'classifier.0', 4096, 'relu'), 'classifier.2', rate, random);
    x = dropout(dense(x, 'classifier.3', 4096, 'relu'), 'classifier.5', rate, random);
    return dense(x, 'classifier.6', numClasses);
  };
  const name = withBatchNorm ? `${depth}_bn` : depth;
  return build({ name, init, features: features(configurations[depth], withBatchNorm), top }, options);
}

/** VGG-11, configuration A. 132,863,336 parameters. */
export const vgg11 = (options: BackboneOptions = {}) => vgg('vgg11', false, options);
/** VGG-13, configuration B. 133,047,848 parameters. */
export const vgg13 = (options: BackboneOptions = {}) => vgg('vgg13', false, options);
/** VGG-16, configuration D. 138,357,544 parameters. */
export const vgg16 = (options: BackboneOptions = {}) => vgg('vgg16', false, options);
/** VGG-19, configuration E. 143,667,240 parameters. */
export const vgg19 = (options: BackboneOptions = {}) => vgg('vgg19', false, options);
/** VGG-11 with batch norm after every convolution. */
export const vgg11_bn = (options: BackboneOptions = {}) => vgg('vgg11', true, options);
/** VGG-13 with batch norm after every convolution. */
export const vgg13_bn = (options: BackboneOptions = {}) => vgg('vgg13', true, options);
/** VGG-16 with batch norm after every convolution. 138,365,992 parameters. */
export const vgg16_bn = (options: BackboneOptions = {}) => vgg('vgg16', true, options);
/** VGG-19 with batch norm after every convolution. */
export const vgg19_bn = (options: BackboneOptions = {}) => vgg('vgg19', true, options);
