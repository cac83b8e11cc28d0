import {
  engine,
  getBackend,
  getKernel,
  image as tfImage,
  mul,
  pad,
  reverse,
  sub,
  tensor1d,
  tensor4d,
  tidy,
  type NamedAttrMap,
  type Tensor4D,
} from '@tensorflow/tfjs-core';
import { checkChoice, positiveInteger } from './check';

/** What is taken from a channel and what it is divided by, on values in [0, 1]; in the order of the result's channels. */
export interface Normalization {
  mean: readonly [number, number, number];
  std: readonly [number, number, number];
}

/** Sizes are in pixels. */
export interface NormalizeImageOptions extends Normalization {
  /** The image is resized to this, bilinearly with half-pixel centres. @default its own size */
  size?: { width: number; height: number };
  /** Zeros are added right and below up to this. @default size */
  paddedSize?: { width: number; height: number };
  /** Order of the result's channels. @default 'rgb' */
  order?: 'rgb' | 'bgr';
}

type Sides = Required<NormalizeImageOptions>['size'];
type Image = Parameters<typeof normalizeImage>[0];

/** The kernel's attributes; `scale` and `shift` are the normalisation's. */
export interface NormalizeImageAttrs {
  from: Sides;
  to: Sides;
  padded: Sides;
  channels: number;
  reversed: boolean;
  scale: number[];
  shift: number[];
}

/**
 * An image as a network's input: `(x / 255 − mean) / std`, after resizing and before padding. On webgpu the bytes are
 * uploaded as they are, a quarter of the floats, and one kernel does all; elsewhere TensorFlow.js's own operations do.
 *
 * @param image row-major, 3 or 4 bytes a pixel; a fourth is left out
 * @returns `[1, height, width, 3]`, padding included
 * @throws RangeError where the data do not fill the image, or an option is out of its range
 */
export function normalizeImage(
  image: { data: Uint8Array | Uint8ClampedArray; width: number; height: number },
  options: NormalizeImageOptions,
): Tensor4D {
  checkBytes(image);
  const from = { width: image.width, height: image.height };
  const { size: to = from, paddedSize: padded = to, order = 'rgb' } = options;
  checkOptions('normalizeImage', options);
  checkChoice('normalizeImage', 'order', order, ['rgb', 'bgr']);
  checkSides('size', to, { width: 1, height: 1 });
  checkSides('paddedSize', padded, to);
  if (getKernel('NormalizeImage', getBackend()) === undefined)
    return byOps(image, { ...options, to, padded });
  const channels = image.data.length / (from.width * from.height);
  const reversed = order === 'bgr';
  const attrs: NormalizeImageAttrs = { from, to, padded, channels, reversed, ...linear(options) };
  return tidy(() => {
    const bytes = tensor1d(words(image.data), 'int32');
    return engine().runKernel('NormalizeImage', { bytes }, attrs as unknown as NamedAttrMap) as Tensor4D;
  });
}

/**
 * Pixels in 0 … 255 normalised, in one multiplication and one subtraction.
 *
 * @throws RangeError where mean or std are not three numbers, or std is not positive
 */
export function normalizePixels(pixels: Tensor4D, normalization: Normalization): Tensor4D {
  checkOptions('normalizePixels', normalization);
  return tidy(() => {
    const { scale, shift } = linear(normalization);
    return sub(mul(pixels, tensor1d(scale)), tensor1d(shift)) as Tensor4D;
  });
}

/** (x / 255 − mean) / std as x · scale − shift. */
function linear({ mean, std }: Normalization) {
  return {
    scale: std.map((value) => 1 / (255 * value)),
    shift: mean.map((value, i) => value / std[i]!),
  };
}

function byOps(
  image: Image,
  { to, padded, order, mean, std }: NormalizeImageOptions & { to: Sides; padded: Sides },
): Tensor4D {
  return tidy(() => {
    let pixels: Tensor4D = tensor4d(colors(image), [1, image.height, image.width, 3]);
    if (to.width !== image.width || to.height !== image.height) {
      pixels = tfImage.resizeBilinear(pixels, [to.height, to.width], false, true); // half-pixel centres, as torchvision
    }
    const normalized = normalizePixels(order === 'bgr' ? reverse(pixels, 3) : pixels, { mean, std });
    const [right, below] = [padded.width - to.width, padded.height - to.height];
    if (right === 0 && below === 0) return normalized;
    return pad(normalized, [
      [0, 0],
      [0, below],
      [0, right],
      [0, 0],
    ]);
  });
}

function checkOptions(fn: string, { mean, std }: Normalization): void {
  const areThree = (values: readonly number[]) => values.length === 3 && values.every(Number.isFinite);
  if (areThree(mean) && areThree(std) && std.every((value) => value > 0)) return;
  throw new RangeError(
    `${fn}: mean and std must be three numbers each, std positive; got [${mean}] and [${std}]`,
  );
}

function checkSides(name: string, { width, height }: Sides, least: Sides): void {
  const isValid = positiveInteger(width) && positiveInteger(height);
  if (isValid && width >= least.width && height >= least.height) return;
  const [atLeast, got] = [`${least.width}×${least.height}`, `${width}×${height}`];
  throw new RangeError(`normalizeImage: ${name} must be whole pixels, at least ${atLeast}, got ${got}`);
}

function checkBytes({ data, width, height }: Image): void {
  checkSides('image', { width, height }, { width: 1, height: 1 });
  const count = width * height;
  if (data.length === 3 * count || data.length === 4 * count) return;
  throw new RangeError(
    `normalizeImage: image.data must hold 3 or 4 bytes a pixel (${3 * count} or ${4 * count} for ${width}×${height}), got ${data.length}`,
  );
}

/** Three floats a pixel. */
function colors({ data, width, height }: Image): Float32Array {
  const count = 3 * width * height;
  if (data.length === count) return new Float32Array(data);
  const rgb = new Float32Array(count);
  for (let from = 0, to = 0; to < count; from += 4) {
    rgb[to++] = data[from]!;
    rgb[to++] = data[from + 1]!;
    rgb[to++] = data[from + 2]!;
  }
  return rgb;
}

/** Four bytes an integer, lowest first, in place where they lie so. */
function words(data: Uint8Array | Uint8ClampedArray): Int32Array {
  const { buffer, byteOffset, length } = data;
  if (byteOffset % 4 === 0 && length % 4 === 0) return new Int32Array(buffer, byteOffset, length / 4);
  const filled = new Uint8Array(4 * Math.ceil(length / 4));
  filled.set(data);
  return new Int32Array(filled.buffer);
}
