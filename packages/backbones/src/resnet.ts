import type * as tfl from '@tensorflow/tfjs-layers';
import { build } from './build';
import type { InitRules } from './initWeights';
import { defaultInit, kaimingNormal, zeros } from './initWeights';
import { add, dense, globalAvgPool, maxPool, relu } from './layers/basic';
import { convBn } from './layers/convBn';
import type { BackboneOptions, SymbolicTensor } from './options';

interface BlockOptions {
  /** Channels of the block's 3×3 convolution before `widthPerGroup` and `groups` widen it: 64, 128, 256, 512. */
  planes: number;
  stride: number;
}

/** A residual branch: everything but the shortcut and the last ReLU. */
export type Branch = (x: SymbolicTensor, name: string, options: BlockOptions) => SymbolicTensor;

const activation = 'relu';

/** Fig. 5 left of He et al. 2015: two 3×3 convolutions. */
const basic: Branch = (x, name, { planes, stride }) => {
  const first = convBn(x, [`${name}.conv1`, `${name}.bn1`, `${name}.relu1`], {
    filters: planes,
    kernelSize: 3,
    stride,
    padding: 1,
    activation,
  });
  return convBn(first, [`${name}.conv2`, `${name}.bn2`], { filters: planes, kernelSize: 3, padding: 1 });
};

/** Fig. 5 right: 1×1 – 3×3 – 1×1 to four times the planes, the stride in the 3×3 as torchvision has it ("v1.5"). */
export function bottleneck(groups: number, widthPerGroup: number): Branch {
  return (x, name, { planes, stride }) => {
    const filters = Math.floor((planes * widthPerGroup) / 64) * groups;
    const reduced = convBn(x, [`${name}.conv1`, `${name}.bn1`, `${name}.relu1`], {
      filters,
      kernelSize: 1,
      activation,
    });
    const mixed = convBn(reduced, [`${name}.conv2`, `${name}.bn2`, `${name}.relu2`], {
      filters,
      kernelSize: 3,
      stride,
      padding: 1,
      groups,
      activation,
    });
    return convBn(mixed, [`${name}.conv3`, `${name}.bn3`], { filters: 4 * planes, kernelSize: 1 });
  };
}

function block(x: SymbolicTensor, name: string, branch: Branch, outputs: number, options: BlockOptions) {
  const changes = options.stride !== 1 || x.shape[3] !== outputs;
  const shortcut = changes
    ? convBn(x, [`${name}.downsample.0`, `${name}.downsample.1`], {
        filters: outputs,
        kernelSize: 1,
        stride: options.stride,
      })
    : x;
  return relu(add([branch(x, name, options), shortcut], `${name}.add`), name);
}

const init: InitRules = { conv: { kernel: kaimingNormal('out'), bias: zeros }, dense: defaultInit };

export interface ResidualTable {
  name: string;
  /** Blocks in each of the four stages. */
  blocks: [number, number, number, number];
  branch: Branch;
  /** Output channels over planes: 1 for basic blocks, 4 for bottlenecks. */
  expansion: number;
}

/** Stem, four stages of residual blocks, average pool, classifier (Table 1). */
export function residualNet(table: ResidualTable, options: BackboneOptions): tfl.LayersModel {
  const { name, blocks, branch, expansion } = table;
  const features = (input: SymbolicTensor) => {
    let x = convBn(input, ['conv1', 'bn1', 'relu'], {
      filters: 64,
      kernelSize: 7,
      stride: 2,
      padding: 3,
      activation,
    });
    x = maxPool(x, 'maxpool', { kernelSize: 3, stride: 2, padding: 1 });
    blocks.forEach((count, stage) => {
      const planes = 64 * 2 ** stage;
      for (let i = 0; i < count; i++) {
        const stride = i === 0 && stage > 0 ? 2 : 1;
        x = block(x, `layer${stage + 1}.${i}`, branch, planes * expansion, { planes, stride });
      }
    });
    return x;
  };
  const top = (x: SymbolicTensor, numClasses: number) => dense(globalAvgPool(x, 'avgpool'), 'fc', numClasses);
  return build({ name, init, features, top }, options);
}

const deep = { branch: bottleneck(1, 64), expansion: 4 };
const shallow = { branch: basic, expansion: 1 };

/** ResNet-18 (He et al. 2015, arXiv 1512.03385). 11,689,512 parameters. */
export const resnet18 = (options: BackboneOptions = {}) =>
  residualNet({ name: 'resnet18', blocks: [2, 2, 2, 2], ...shallow }, options);
/** ResNet-34. 21,797,672 parameters. */
export const resnet34 = (options: BackboneOptions = {}) =>
  residualNet({ name: 'resnet34', blocks: [3, 4, 6, 3], ...shallow }, options);
/** ResNet-50. 25,557,032 parameters. */
export const resnet50 = (options: BackboneOptions = {}) =>
  residualNet({ name: 'resnet50', blocks: [3, 4, 6, 3], ...deep }, options);
/** ResNet-101. 44,549,160 parameters. */
export const resnet101 = (options: BackboneOptions = {}) =>
  residualNet({ name: 'resnet101', blocks: [3, 4, 23, 3], ...deep }, options);
/** ResNet-152. 60,192,808 parameters. */
export const resnet152 = (options: BackboneOptions = {}) =>
  residualNet({ name: 'resnet152', blocks: [3, 8, 36, 3], ...deep }, options);
