// One family a line.
// prettier-ignore
import {
  alexnet, caffenet,
  vgg11, vgg11_bn, vgg13, vgg13_bn, vgg16, vgg16_bn, vgg19, vgg19_bn,
  resnet18, resnet34, resnet50, resnet101, resnet152,
  resnext50_32x4d, resnext101_32x4d, resnext101_32x8d, resnext101_64x4d,
  densenet121, densenet161, densenet169, densenet201, densenet264,
  squeezenet1_0, squeezenet1_1, mobilenetV2, mobilenetV3Large, mobilenetV3Small,
  shufflenetV1, shufflenetV2_x0_5, shufflenetV2_x1_0, shufflenetV2_x1_5, shufflenetV2_x2_0,
  inceptionV3, mobilenetV1, xception,
} from '@roikit/backbones';
import { didYouMean } from '@roikit/training';
import type { BackboneOptions, WeightSource } from '@roikit/backbones';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { preprocessings, type PreprocessOptions } from './preprocess';

/** What a source's preprocessing is called. */
export type PreprocessingName = keyof typeof preprocessings;

interface Network {
  build: (options: BackboneOptions & { padding?: 'symmetric' }) => LayersModel;
  /** @default 'torchvision' most published weights */
  preprocessing?: PreprocessingName;
  /** timm's port pads as PyTorch does, Keras's original as TensorFlow. */
  paddedByTimm?: boolean;
}

// One family a line.
// prettier-ignore
const plain = {
  alexnet, caffenet,
  vgg11, vgg11_bn, vgg13, vgg13_bn, vgg16, vgg16_bn, vgg19, vgg19_bn,
  resnet18, resnet34, resnet50, resnet101, resnet152,
  resnext50_32x4d, resnext101_32x4d, resnext101_32x8d, resnext101_64x4d,
  densenet121, densenet161, densenet169, densenet201, densenet264,
  squeezenet1_0, squeezenet1_1, mobilenetV2, mobilenetV3Large, mobilenetV3Small,
  shufflenetV1, shufflenetV2_x0_5, shufflenetV2_x1_0, shufflenetV2_x1_5, shufflenetV2_x2_0,
};

const networks: Record<string, Network> = {
  ...Object.fromEntries(Object.entries(plain).map(([name, build]) => [name, { build }])),
  inceptionV3: { build: inceptionV3, preprocessing: 'inceptionV3' },
  mobilenetV1: { build: mobilenetV1, preprocessing: 'mobilenetV1', paddedByTimm: true },
  xception: { build: xception, preprocessing: 'xception', paddedByTimm: true },
};

/** The names that `buildNetwork` takes. */
export const networkNames: readonly string[] = Object.keys(networks);

/** mobilenetV2, mobilenet_v2 and MobileNet-V2 are one. */
const simplified = (name: string): string => name.toLowerCase().replaceAll(/[_-]/g, '');

/**
 * A network's own name, whatever its capitals, hyphens and underscores.
 *
 * @throws RangeError with the list of names where there is none like this.
 */
export function networkName(name: string): string {
  const found = networkNames.find((known) => simplified(known) === simplified(name));
  if (found !== undefined) return found;
  const meant = didYouMean(name, networkNames);
  throw new RangeError(`there is no network ${name}${meant}; known are ${networkNames.join(', ')}`);
}

export interface BuildNetworkOptions extends BackboneOptions {
  /** Whose weights it is for. @default 'torchvision' as `loadWeights` */
  source?: WeightSource;
}

/**
 * Builds a network by its name, padded as the source of its weights wants it.
 *
 * @throws RangeError where there is no such network.
 */
export function buildNetwork(name: string, { source, ...options }: BuildNetworkOptions = {}): LayersModel {
  const { build, paddedByTimm } = networks[networkName(name)]!;
  return build({ ...options, ...(paddedByTimm && source === 'timm' && { padding: 'symmetric' }) });
}

/** What a network's pictures go through where nothing is said: what its published weights were trained with. */
export function defaultPreprocessing(name: string): PreprocessOptions {
  return preprocessings[networks[networkName(name)]!.preprocessing ?? 'torchvision'];
}
