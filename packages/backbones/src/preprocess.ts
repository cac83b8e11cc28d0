import type { RgbImage } from '@roikit/image';
import * as tf from '@tensorflow/tfjs-core';
import type { Interpolation, Pixels } from './resample';
import { resample } from './resample';

export interface PreprocessOptions {
  /** The shorter side is resized to this. */
  resize: number;
  /** Side of the square cut from the middle. */
  crop: number;
  interpolation: Interpolation;
  /** Order of the channels given to the network. Default `rgb`. */
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

/** The image with 3 bytes a pixel. */
export function toRgb({ data, width, height }: RgbImage): Pixels {
  const pixels = width * height;
  const channels = data.length / pixels;
  if (channels !== 3 && channels !== 4) {
    throw new RangeError(
      `preprocess: image data must have 3 or 4 bytes for each of its ${width}×${height} pixels, got ${data.length}`,
    );
  }
  if (channels === 3)
    return { data: new Uint8Array(data.buffer, data.byteOffset, data.length), width, height };
  const rgb = new Uint8Array(pixels * 3);
  for (let i = 0; i < pixels; i++) for (let c = 0; c < 3; c++) rgb[i * 3 + c] = data[i * 4 + c];
  return { data: rgb, width, height };
}

/** The middle square, as torchvision's `CenterCrop` places it; zeros where the image is smaller. */
function centreCrop({ data, width, height }: Pixels, size: number): Pixels {
  const out = new Uint8Array(size * size * 3);
  // Python rounds halves to even.
  const roundHalfEven = (value: number) =>
    value % 1 === 0.5 ? 2 * Math.round(value / 2) : Math.round(value);
  const left = roundHalfEven((width - size) / 2);
  const top = roundHalfEven((height - size) / 2);
  for (let y = Math.max(0, -top); y < Math.min(size, height - top); y++) {
    const from = Math.max(0, left);
    const row = data.subarray(
      ((y + top) * width + from) * 3,
      ((y + top) * width + Math.min(width, left + size)) * 3,
    );
    out.set(row, (y * size + from - left) * 3);
  }
  return { data: out, width: size, height: size };
}

/** `(x / 255 − mean) / std` as `[1, height, width, 3]`. */
export function normalize(
  { data, width, height }: Pixels,
  { mean, std, order = 'rgb' }: PreprocessOptions,
): tf.Tensor4D {
  const values = new Float32Array(data.length);
  for (let i = 0; i < data.length; i++) {
    const c = i % 3;
    const from = order === 'rgb' ? i : i + 2 - 2 * c;
    values[i] = (data[from] / 255 - mean[c]) / std[c];
  }
  return tf.tensor4d(values, [1, height, width, 3]);
}

/**
 * Resizes the shorter side, cuts the middle square and normalises: what torchvision does with Pillow, bit by bit up to
 * the division.
 *
 * @returns `[1, crop, crop, 3]`
 */
export function preprocess(
  image: RgbImage,
  options: PreprocessOptions = preprocessings.torchvision,
): tf.Tensor4D {
  const { resize, crop, interpolation } = options;
  const pixels = toRgb(image);
  const short = Math.min(pixels.width, pixels.height);
  // torchvision rounds the longer side down.
  const width = Math.trunc((resize * pixels.width) / short);
  const height = Math.trunc((resize * pixels.height) / short);
  return normalize(centreCrop(resample(pixels, width, height, interpolation), crop), options);
}
