import { centerCrop, channelsOf, resizePillow, type Interpolation, type RgbImage } from '@roikit/image';
import { normalizeImage } from '@roikit/ops';
import type * as tf from '@tensorflow/tfjs-core';

export interface PreprocessOptions {
  /** The shorter side is resized to this. */
  resize: number;
  /** Side of the square cut from the middle. */
  crop: number;
  /** Pillow's filter. */
  interpolation: Interpolation;
  /** Order of the channels given to the network. @default 'rgb' all but Caffe's */
  order?: 'rgb' | 'bgr';
  /** Of each channel, in the network's order, in [0, 1]: subtracted, … */
  mean: [number, number, number];
  /** … then divided by. */
  std: [number, number, number];
}

const imagenet = {
  interpolation: 'bilinear' as const,
  mean: [0.485, 0.456, 0.406] as [number, number, number],
  std: [0.229, 0.224, 0.225] as [number, number, number],
};
// x / 127.5 − 1
const half = {
  interpolation: 'bilinear' as const,
  mean: [0.5, 0.5, 0.5] as [number, number, number],
  std: [0.5, 0.5, 0.5] as [number, number, number],
};

/** What each source of weights wants done to an image first. */
export const preprocessings = {
  /** torchvision's IMAGENET1K_V1 weights, and timm's ports of them (`tv_in1k`). */
  torchvision: { ...imagenet, resize: 256, crop: 224 },
  /** torchvision's IMAGENET1K_V2 weights. */
  torchvisionV2: { ...imagenet, resize: 232, crop: 224 },
  /** Inception V3: torchvision's network turns its own input from ImageNet's mean to this. */
  inceptionV3: { ...half, resize: 342, crop: 299 },
  /** Caffe's mean pixel in 0 … 255, blue first: Keras's VGG and the R-CNN family's networks. */
  caffe: {
    interpolation: 'bilinear',
    order: 'bgr',
    mean: [103.939 / 255, 116.779 / 255, 123.68 / 255],
    std: [1 / 255, 1 / 255, 1 / 255],
    resize: 256,
    crop: 224,
  },
  /** Keras's and TensorFlow.js's MobileNet V1. */
  mobilenetV1: { ...half, resize: 256, crop: 224 },
  /** Xception, Keras's and the PyTorch port's. */
  xception: { ...half, resize: 333, crop: 299 },
} satisfies Record<string, PreprocessOptions>;

/**
 * Resizes the shorter side, cuts the middle square and normalises: what torchvision does with Pillow, bit by bit up to
 * the division.
 *
 * @param options @default preprocessings.torchvision the most published weights
 * @returns `[1, crop, crop, 3]`
 * @throws RangeError where the image's data do not fill it
 */
export function preprocess(
  image: RgbImage,
  options: PreprocessOptions = preprocessings.torchvision,
): tf.Tensor4D {
  if (typeof options !== 'object')
    throw new TypeError(
      `preprocess: options must be an object such as preprocessings.torchvision, got ${String(options)}`,
    );
  channelsOf('preprocess', image);
  const { resize, crop, interpolation } = options;
  const short = Math.min(image.width, image.height);
  // torchvision rounds the longer side down.
  const width = Math.trunc((resize * image.width) / short);
  const height = Math.trunc((resize * image.height) / short);
  const resized = resizePillow(image, { width, height, interpolation });
  return normalizeImage(centerCrop(resized, { width: crop, height: crop }), options);
}
