import {
  alexnet,
  mobilenetV1,
  mobilenetV2,
  mobilenetV3Large,
  resnet101,
  resnet18,
  resnet34,
  resnet50,
  squeezenet1_0,
  squeezenet1_1,
  vgg11,
  vgg13,
  vgg16,
  vgg19,
  type WeightSource,
} from '@roikit/backbones';
import { didYouMean } from '@roikit/training';
import type { LayersModel } from '@tensorflow/tfjs-layers';

interface BackboneEntry {
  build: (options: { inputShape: [null, null, 3]; includeTop: false; random?: () => number }) => LayersModel;
  /** The maps regions are pooled from, finest first: of stride 8 and the last of stride 16, or the latter alone as in the paper. */
  layers: readonly string[];
  /** Those of a feature pyramid where they are others. @default layers */
  pyramid?: readonly string[];
  /** Its last map before the classifier: what R-CNN takes of a region. */
  last: string;
  /** Width they are merged to; null where one map is used as it is. */
  neck: { channels: number } | null;
  /**
   * First modules keep their ImageNet weights: conv1 and conv2 of VGG16 (Fast R-CNN §4.5); stem and layer1 of a
   * ResNet, as in torchvision; the like elsewhere.
   */
  frozenThrough: string;
  /** Whose names its published weights have. @default 'torchvision' */
  source?: WeightSource;
  /** What those weights were trained on. @default torchvision's ImageNet means and deviations */
  normalization?: { mean: [number, number, number]; std: [number, number, number] };
  /** Cells that RoI pooling makes of a region, and widths of the head's hidden layers. */
  outputSize: readonly [number, number];
  hidden: readonly number[];
  /** ImageNet's fully connected layers that fc6 and fc7 start from, where the head has their sizes (§2.1). */
  fullyConnected?: readonly string[];
}

// The head is the network's own fully connected layers, made for its last map (Fast R-CNN §2.1) …
const vgg = {
  neck: null,
  fullyConnected: ['classifier.0', 'classifier.3'],
  outputSize: [7, 7],
  hidden: [4096, 4096],
} as const;
// … or, for networks without, one layer: 7 · 7 · 96 · 256 weights are 4.8 MB, and learn from a hundred pictures (docs/defaults.md).
const dense = { neck: { channels: 96 }, outputSize: [7, 7], hidden: [256] } as const;
const resnet = {
  layers: ['layer2', 'layer3'],
  last: 'layer4',
  pyramid: ['layer1', 'layer2', 'layer3', 'layer4'], // C2…C5: FPN §3
  frozenThrough: 'layer1',
  ...dense,
};

/** Names of the backbones a detector can be built on. */
export type BackboneName =
  | 'alexnet'
  | 'mobilenetV1'
  | 'mobilenetV2'
  | 'mobilenetV3Large'
  | 'resnet18'
  | 'resnet34'
  | 'resnet50'
  | 'resnet101'
  | 'squeezenet1_0'
  | 'squeezenet1_1'
  | 'vgg11'
  | 'vgg13'
  | 'vgg16'
  | 'vgg19';

/** What a detector has to know of each. */
export const BACKBONES: Readonly<Record<BackboneName, BackboneEntry>> = {
  alexnet: {
    build: alexnet,
    layers: ['features.10'],
    last: 'features.12',
    neck: null,
    frozenThrough: 'features.0',
    fullyConnected: ['classifier.1', 'classifier.4'],
    outputSize: [6, 6],
    hidden: [4096, 4096],
  },
  mobilenetV1: {
    build: mobilenetV1,
    layers: ['conv_pw_5_relu', 'conv_pw_11_relu'],
    last: 'conv_pw_13_relu',
    frozenThrough: 'conv_pw_3_relu',
    source: 'keras',
    normalization: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] }, // x / 127.5 − 1: Keras's weights, and timm's
    ...dense,
  },
  mobilenetV2: {
    build: mobilenetV2,
    layers: ['features.6', 'features.13'],
    last: 'features.18',
    frozenThrough: 'features.3',
    ...dense,
  },
  mobilenetV3Large: {
    build: mobilenetV3Large,
    layers: ['features.6', 'features.12'],
    last: 'features.16',
    frozenThrough: 'features.3',
    ...dense,
  },
  resnet18: { build: resnet18, ...resnet },
  resnet34: { build: resnet34, ...resnet },
  resnet50: { build: resnet50, ...resnet },
  resnet101: { build: resnet101, ...resnet },
  squeezenet1_0: {
    build: squeezenet1_0,
    layers: ['features.10', 'features.12'],
    last: 'features.12',
    frozenThrough: 'features.5',
    ...dense,
  },
  squeezenet1_1: {
    build: squeezenet1_1,
    layers: ['features.7', 'features.12'],
    last: 'features.12',
    frozenThrough: 'features.5',
    ...dense,
  },
  vgg11: { build: vgg11, layers: ['features.18'], last: 'features.20', frozenThrough: 'features.3', ...vgg },
  vgg13: { build: vgg13, layers: ['features.22'], last: 'features.24', frozenThrough: 'features.7', ...vgg },
  vgg16: { build: vgg16, layers: ['features.28'], last: 'features.30', frozenThrough: 'features.7', ...vgg },
  vgg19: { build: vgg19, layers: ['features.34'], last: 'features.36', frozenThrough: 'features.7', ...vgg },
};

/** A backbone's entry; RangeError for a name that is not in the table. */
export function backboneNamed(name: string): BackboneEntry {
  if (!Object.hasOwn(BACKBONES, name)) {
    const known = Object.keys(BACKBONES);
    const got = JSON.stringify(name) + didYouMean(name, known);
    throw new RangeError(`createDetector: backbone must be one of ${known.join(', ')}, got ${got}`);
  }
  return BACKBONES[name as BackboneName];
}
