import * as tfl from '@tensorflow/tfjs-layers';
import { build } from './build';
import type { InitRules } from './initWeights';
import { kaimingNormal, zeros } from './initWeights';
import { add, batchNorm, conv2d, dense, depthwiseConv2d, globalAvgPool, relu } from './layers/basic';
import { convBn } from './layers/convBn';
import { lowestPadding } from './layers/custom';
import type { BackboneOptions, SymbolicTensor } from './options';

export interface XceptionOptions extends BackboneOptions {
  /** Where the pools' padding goes on even maps: bottom and right as Keras (default), or all round as PyTorch's ports. */
  padding?: 'keras' | 'symmetric';
}

type Pool = (x: SymbolicTensor, name: string) => SymbolicTensor;

const pools: Record<'keras' | 'symmetric', Pool> = {
  keras: (x, name) =>
    tfl.layers.maxPooling2d({ name, poolSize: 3, strides: 2, padding: 'same' }).apply(x) as SymbolicTensor,
  // Values here can be negative (no ReLU before the pool), so zeros will not do as padding.
  symmetric: (x, name) =>
    tfl.layers
      .maxPooling2d({ name, poolSize: 3, strides: 2 })
      .apply(lowestPadding(x, `${name}.pad`, 1)) as SymbolicTensor,
};

/** Depthwise 3×3, then pointwise, with nothing between (§3); batch norm after both. */
function separable(x: SymbolicTensor, name: string, norm: string, filters: number): SymbolicTensor {
  const filtered = depthwiseConv2d(x, `${name}.conv1`, { kernelSize: 3, padding: 1 });
  return batchNorm(conv2d(filtered, `${name}.pointwise`, { filters, kernelSize: 1, bias: false }), norm);
}

interface Block {
  /** Output channels of each separable convolution. */
  filters: number[];
  /** Whether a ReLU comes before the first. */
  startWithRelu: boolean;
  /** Halves the map with this pool; a block without one adds its input as it is. */
  pool?: Pool;
}

/** Modules are counted as PyTorch's ports count them: ReLU, convolution, norm. */
function block(x: SymbolicTensor, name: string, { filters, startWithRelu, pool }: Block): SymbolicTensor {
  let y = x;
  let index = 0;
  filters.forEach((channels, i) => {
    if (i > 0 || startWithRelu) y = relu(y, `${name}.rep.${index++}`);
    y = separable(y, `${name}.rep.${index}`, `${name}.rep.${index + 1}`, channels);
    index += 2;
  });
  if (!pool) return add([y, x], name);
  const skip = { filters: filters.at(-1) as number, kernelSize: 1, stride: 2 };
  return add([pool(y, `${name}.rep.${index}`), convBn(x, [`${name}.skip`, `${name}.skipbn`], skip)], name);
}

/** Fig. 5 of Chollet 2016: entry, middle and exit flow. */
function features(pool: Pool) {
  return (input: SymbolicTensor) => {
    const activation = 'relu';
    let x = convBn(input, ['conv1', 'bn1', 'act1'], { filters: 32, kernelSize: 3, stride: 2, activation });
    x = convBn(x, ['conv2', 'bn2', 'act2'], { filters: 64, kernelSize: 3, activation });
    x = block(x, 'block1', { filters: [128, 128], startWithRelu: false, pool });
    x = block(x, 'block2', { filters: [256, 256], startWithRelu: true, pool });
    x = block(x, 'block3', { filters: [728, 728], startWithRelu: true, pool });
    for (let i = 4; i <= 11; i++)
      x = block(x, `block${i}`, { filters: [728, 728, 728], startWithRelu: true });
    x = block(x, 'block12', { filters: [728, 1024], startWithRelu: true, pool });
    x = relu(separable(x, 'conv3', 'bn3', 1536), 'act3');
    return relu(separable(x, 'conv4', 'bn4', 2048), 'act4');
  };
}

const init: InitRules = { conv: { kernel: kaimingNormal('out'), bias: zeros } };

/** Xception (Chollet 2016, arXiv 1610.02357), input 299, layers by the PyTorch port's names. 22,855,952 parameters. */
export function xception(options: XceptionOptions = {}): tfl.LayersModel {
  const { padding = 'keras' } = options;
  const top = (map: SymbolicTensor, numClasses: number) =>
    dense(globalAvgPool(map, 'global_pool'), 'fc', numClasses);
  return build({ name: 'xception', size: 299, init, features: features(pools[padding]), top }, options);
}
