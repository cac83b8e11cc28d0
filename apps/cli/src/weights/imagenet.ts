import { UsageError } from '../errors';

/** `--weights imagenet`: the file that torchvision takes for the network. */
const IMAGENET = 'imagenet';

const FOLDER = 'https://download.pytorch.org/models/';

/** torchvision's IMAGENET1K_V1 files (torchvision/models/*.py); each name ends in the beginning of the file's SHA-256. */
const FILES: Record<string, string> = {
  alexnet: 'alexnet-owt-7be5be79',
  vgg11: 'vgg11-8a719046',
  vgg11_bn: 'vgg11_bn-6002323d',
  vgg13: 'vgg13-19584684',
  vgg13_bn: 'vgg13_bn-abd245e5',
  vgg16: 'vgg16-397923af',
  vgg16_bn: 'vgg16_bn-6c64b313',
  vgg19: 'vgg19-dcbb9e9d',
  vgg19_bn: 'vgg19_bn-c79401a0',
  resnet18: 'resnet18-f37072fd',
  resnet34: 'resnet34-b627a593',
  resnet50: 'resnet50-0676ba61',
  resnet101: 'resnet101-63fe2227',
  resnet152: 'resnet152-394f9c45',
  resnext50_32x4d: 'resnext50_32x4d-7cdf4587',
  resnext101_32x8d: 'resnext101_32x8d-8ba56ff5',
  resnext101_64x4d: 'resnext101_64x4d-173b62eb',
  densenet121: 'densenet121-a639ec97',
  densenet161: 'densenet161-8d451a50',
  densenet169: 'densenet169-b2777c0a',
  densenet201: 'densenet201-c1103571',
  squeezenet1_0: 'squeezenet1_0-b66bff10',
  squeezenet1_1: 'squeezenet1_1-b8a52dc0',
  mobilenetV2: 'mobilenet_v2-b0353104',
  mobilenetV3Large: 'mobilenet_v3_large-8738ca79',
  mobilenetV3Small: 'mobilenet_v3_small-047dcff4',
  shufflenetV2_x0_5: 'shufflenetv2_x0.5-f707e7126e',
  shufflenetV2_x1_0: 'shufflenetv2_x1-5666bf0f80',
  shufflenetV2_x1_5: 'shufflenetv2_x1_5-3c479a10',
  shufflenetV2_x2_0: 'shufflenetv2_x2_0-8be3c8ee',
  inceptionV3: 'inception_v3_google-0cc3c7bd',
};

/** What `--weights` names: `imagenet` becomes the address of the network's standard file, all else stays. */
export function weightsNamed<T extends string | undefined>(weights: T, network: string): T | string {
  if (weights !== IMAGENET) return weights;
  const file = FILES[network];
  if (file !== undefined) return `${FOLDER}${file}.pth`;
  throw new UsageError(
    `--weights ${IMAGENET}: torchvision has no file for ${network}; give a file, an address or hf:owner/name`,
  );
}
