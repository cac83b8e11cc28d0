import type * as tfl from '@tensorflow/tfjs-layers';
import { build } from './build';
import type { InitRules } from './initWeights';
import { kaimingNormal, torchDefault, zeros } from './initWeights';
import { avgPool, batchNorm, concat, conv2d, dense, globalAvgPool, maxPool, relu } from './layers/basic';
import { convBn } from './layers/convBn';
import { dropout } from './layers/dropout';
import type { BackboneOptions, SymbolicTensor } from './options';

interface Growth {
  /** Maps each layer adds, k. */
  growthRate: number;
  /** Whether a 1×1 convolution to 4k maps comes before each 3×3 (the "B" of BC). */
  bottleneck: boolean;
  /** Share of maps a transition keeps, θ. */
  compression: number;
  /** Dropout after each layer: .2 on small data without augmentation (§4.2). */
  dropRate: number;
  random?: () => number;
}

const init: InitRules = {
  conv: { kernel: kaimingNormal('in'), bias: zeros },
  dense: { kernel: torchDefault, bias: zeros },
};

function normRelu(x: SymbolicTensor, norm: string, act: string): SymbolicTensor {
  return relu(batchNorm(x, norm), act);
}

/** H: batch norm, ReLU and convolution, the 3×3 one after a 1×1 one where there is a bottleneck (§3). */
function denseLayer(x: SymbolicTensor, name: string, growth: Growth): SymbolicTensor {
  const { growthRate: k, bottleneck, dropRate, random } = growth;
  let y = normRelu(x, `${name}.norm1`, `${name}.relu1`);
  if (bottleneck) {
    y = conv2d(y, `${name}.conv1`, { filters: 4 * k, kernelSize: 1, bias: false });
    y = normRelu(y, `${name}.norm2`, `${name}.relu2`);
  }
  const last = bottleneck ? `${name}.conv2` : `${name}.conv1`;
  y = conv2d(y, last, { filters: k, kernelSize: 3, padding: 1, bias: false });
  return dropRate > 0 ? dropout(y, `${name}.drop`, dropRate, random) : y;
}

/** Every layer sees the maps of all before it. */
function denseBlock(input: SymbolicTensor, name: string, layers: number, growth: Growth): SymbolicTensor {
  let x = input;
  for (let i = 1; i <= layers; i++) {
    const layer = `${name}.denselayer${i}`;
    x = concat([x, denseLayer(x, layer, growth)], i === layers ? name : `${layer}.concat`);
  }
  return x;
}

function transition(x: SymbolicTensor, name: string, compression: number): SymbolicTensor {
  const filters = Math.floor((x.shape[3] as number) * compression);
  const y = normRelu(x, `${name}.norm`, `${name}.relu`);
  const mixed = conv2d(y, `${name}.conv`, { filters, kernelSize: 1, bias: false });
  return avgPool(mixed, `${name}.pool`, { kernelSize: 2, stride: 2 });
}

/** Blocks with transitions between them, then a last batch norm and ReLU. */
function blocks(stem: SymbolicTensor, counts: number[], growth: Growth): SymbolicTensor {
  let x = stem;
  counts.forEach((layers, i) => {
    x = denseBlock(x, `features.denseblock${i + 1}`, layers, growth);
    if (i < counts.length - 1) x = transition(x, `features.transition${i + 1}`, growth.compression);
  });
  return normRelu(x, `features.norm${counts.length + 1}`, 'relu');
}

const top = (map: SymbolicTensor, numClasses: number) =>
  dense(globalAvgPool(map, 'avgpool'), 'classifier', numClasses);

function densenet(
  name: string,
  counts: number[],
  growthRate: number,
  options: BackboneOptions,
): tfl.LayersModel {
  const growth: Growth = { growthRate, bottleneck: true, compression: 0.5, dropRate: 0 };
  const features = (input: SymbolicTensor) => {
    const stem = convBn(input, ['features.conv0', 'features.norm0', 'features.relu0'], {
      filters: 2 * growthRate,
      kernelSize: 7,
      stride: 2,
      padding: 3,
      activation: 'relu',
    });
    return blocks(maxPool(stem, 'features.pool0', { kernelSize: 3, stride: 2, padding: 1 }), counts, growth);
  };
  return build({ name, init, features, top }, options);
}

// Table 1 of Huang et al. 2016: layers in each block.
/** DenseNet-121 (Huang et al. 2016, arXiv 1608.06993). 7,978,856 parameters. */
export const densenet121 = (options: BackboneOptions = {}) =>
  densenet('densenet121', [6, 12, 24, 16], 32, options);
/** DenseNet-161, growth rate 48. 28,681,000 parameters. */
export const densenet161 = (options: BackboneOptions = {}) =>
  densenet('densenet161', [6, 12, 36, 24], 48, options);
/** DenseNet-169. 14,149,480 parameters. */
export const densenet169 = (options: BackboneOptions = {}) =>
  densenet('densenet169', [6, 12, 32, 32], 32, options);
/** DenseNet-201. 20,013,928 parameters. */
export const densenet201 = (options: BackboneOptions = {}) =>
  densenet('densenet201', [6, 12, 48, 32], 32, options);
/** DenseNet-264. 33,337,704 parameters. */
export const densenet264 = (options: BackboneOptions = {}) =>
  densenet('densenet264', [6, 12, 64, 48], 32, options);

export interface DensenetCifarOptions extends BackboneOptions {
  /** Layers with weights, L: 3 blocks of (L − 4) / 3 layers, half as many with a bottleneck. @default 100 the paper's middle one */
  depth?: number;
  /** Maps each layer adds, k. @default 12 the paper's smallest */
  growthRate?: number;
  /** Whether to use bottlenecks and halve maps at transitions ("BC"). @default true fewer parameters, less error */
  bc?: boolean;
  /** Share dropped after each layer; 0.2 in the paper where images are not augmented. @default 0 for augmented ones */
  dropRate?: number;
}

/** The DenseNets of Table 2 for 32×32 images and 10 classes. 769,162 parameters as DenseNet-BC (L = 100, k = 12). */
export function densenetCifar(options: DensenetCifarOptions = {}): tfl.LayersModel {
  const { depth = 100, growthRate = 12, bc = true, dropRate = 0, random } = options;
  const layers = (depth - 4) / (bc ? 6 : 3);
  if (!Number.isInteger(layers)) {
    throw new RangeError(`densenetCifar: depth − 4 must be a multiple of ${bc ? 6 : 3}, got depth ${depth}`);
  }
  const growth: Growth = { growthRate, bottleneck: bc, compression: bc ? 0.5 : 1, dropRate, random };
  const features = (input: SymbolicTensor) => {
    const filters = bc ? 2 * growthRate : 16;
    const stem = conv2d(input, 'features.conv0', { filters, kernelSize: 3, padding: 1, bias: false });
    return blocks(stem, [layers, layers, layers], growth);
  };
  return build({ name: 'densenet_cifar', size: 32, init, features, top }, { numClasses: 10, ...options });
}
