import type * as tfl from '@tensorflow/tfjs-layers';
import { build } from './build';
import { normal, zeros } from './initWeights';
import { adaptiveAvgPool2d } from './layers/adaptiveAvgPool2d';
import { conv2d, dense, flatten, maxPool } from './layers/basic';
import { localResponseNorm } from './layers/custom';
import { dropout } from './layers/dropout';
import type { BackboneOptions, SymbolicTensor } from './options';

const pool = { kernelSize: 3, stride: 2 };

function alexnetFeatures(input: SymbolicTensor): SymbolicTensor {
  const activation = 'relu';
  let x = conv2d(input, 'features.0', { filters: 64, kernelSize: 11, stride: 4, padding: 2, activation });
  x = maxPool(x, 'features.2', pool);
  x = conv2d(x, 'features.3', { filters: 192, kernelSize: 5, padding: 2, activation });
  x = maxPool(x, 'features.5', pool);
  x = conv2d(x, 'features.6', { filters: 384, kernelSize: 3, padding: 1, activation });
  x = conv2d(x, 'features.8', { filters: 256, kernelSize: 3, padding: 1, activation });
  x = conv2d(x, 'features.10', { filters: 256, kernelSize: 3, padding: 1, activation });
  return maxPool(x, 'features.12', pool);
}

/** AlexNet in one column, torchvision's (Krizhevsky 2014, arXiv 1404.5997). 61,100,840 parameters. */
export function alexnet(options: BackboneOptions = {}): tfl.LayersModel {
  const { dropout: rate = 0.5, random } = options;
  const top = (map: SymbolicTensor, numClasses: number) => {
    let x = dropout(flatten(adaptiveAvgPool2d(map, 'avgpool', 6)), 'classifier.0', rate, random);
    x = dropout(dense(x, 'classifier.1', 4096, 'relu'), 'classifier.3', rate, random);
    return dense(dense(x, 'classifier.4', 4096, 'relu'), 'classifier.6', numClasses);
  };
  return build({ name: 'alexnet', init: {}, features: alexnetFeatures, top }, options);
}

function caffenetFeatures(input: SymbolicTensor): SymbolicTensor {
  const activation = 'relu';
  const ceilMode = true; // Caffe's rounding
  let x = conv2d(input, 'conv1', { filters: 96, kernelSize: 11, stride: 4, activation });
  x = localResponseNorm(maxPool(x, 'pool1', { ...pool, ceilMode }), 'norm1');
  x = conv2d(x, 'conv2', { filters: 256, kernelSize: 5, padding: 2, groups: 2, activation });
  x = localResponseNorm(maxPool(x, 'pool2', { ...pool, ceilMode }), 'norm2');
  x = conv2d(x, 'conv3', { filters: 384, kernelSize: 3, padding: 1, activation });
  x = conv2d(x, 'conv4', { filters: 384, kernelSize: 3, padding: 1, groups: 2, activation });
  x = conv2d(x, 'conv5', { filters: 256, kernelSize: 3, padding: 1, groups: 2, activation });
  return maxPool(x, 'pool5', { ...pool, ceilMode });
}

/**
 * CaffeNet: the two-group AlexNet of 2012 with local response normalisation after the pools, the network of R-CNN.
 * Input 227; layers by Caffe's names. 60,965,224 parameters. Weights start as Caffe's, N(0, .01), .005 in fc6 and fc7.
 */
export function caffenet(options: BackboneOptions = {}): tfl.LayersModel {
  const { dropout: rate = 0.5, random } = options;
  const top = (map: SymbolicTensor, numClasses: number) => {
    const fc6 = dropout(dense(flatten(map), 'fc6', 4096, 'relu'), 'drop6', rate, random);
    const fc7 = dropout(dense(fc6, 'fc7', 4096, 'relu'), 'drop7', rate, random);
    return dense(fc7, 'fc8', numClasses);
  };
  const wide = { kernel: normal(0.01), bias: zeros };
  const narrow = { kernel: normal(0.005), bias: zeros };
  const init = { conv: wide, dense: wide, layers: { fc6: narrow, fc7: narrow } };
  return build({ name: 'caffenet', size: 227, init, features: caffenetFeatures, top }, options);
}
