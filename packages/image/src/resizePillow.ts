import { channelsOf, checkChoice, checkSize, toRgb, type RgbImage, type Size } from './rgbImage';

// Pillow's resampling (src/libImaging/Resample.c), bit by bit: torchvision's transforms and every published accuracy
// rest on it. Going down it averages all the pixels under the filter, where other resizers skip most of them.

/** Pillow's filters; its `nearest` is no filter and not among them. */
export type Interpolation = 'box' | 'bilinear' | 'hamming' | 'bicubic' | 'lanczos';

export interface ResizePillowOptions extends Size {
  /** @default 'bilinear' torchvision's for images */
  interpolation?: Interpolation;
}

interface Filter {
  /** Half its width, in pixels of the coarser side. */
  support: number;
  at: (x: number) => number;
}

const cubicA = -0.5; // Pillow's; PyTorch's without antialiasing is −0.75
const sinc = (x: number) => (x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI));
// C's 0.54f and 0.46f.
const [hammingOffset, hammingFactor] = [Math.fround(0.54), Math.fround(0.46)];

const filters: Record<Interpolation, Filter> = {
  box: { support: 0.5, at: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
  bilinear: { support: 1, at: (x) => Math.max(0, 1 - Math.abs(x)) },
  hamming: {
    support: 1,
    at: (x) => (Math.abs(x) >= 1 ? 0 : sinc(x) * (hammingOffset + hammingFactor * Math.cos(x * Math.PI))),
  },
  bicubic: {
    support: 2,
    at: (value) => {
      const x = Math.abs(value);
      if (x < 1) return ((cubicA + 2) * x - (cubicA + 3)) * x * x + 1;
      return x < 2 ? (((x - 5) * x + 8) * x - 4) * cubicA : 0;
    },
  },
  lanczos: { support: 3, at: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) },
};

/** Of each output position: its first input position, how many, and their weights in fixed point. */
interface Taps {
  starts: Int32Array;
  counts: Int32Array;
  /** `[outputs, most]` */
  weights: Int32Array;
  most: number;
}

const precision = 22; // bits: 32 less 8 of the pixel and 2 of headroom

function tapsOf(inputs: number, outputs: number, { support, at }: Filter): Taps {
  const scale = inputs / outputs;
  const stretch = Math.max(1, scale);
  const reach = support * stretch;
  const most = Math.ceil(reach) * 2 + 1;
  const taps: Taps = {
    starts: new Int32Array(outputs),
    counts: new Int32Array(outputs),
    weights: new Int32Array(outputs * most),
    most,
  };
  const row = new Float64Array(most);
  for (let i = 0; i < outputs; i++) {
    const centre = (i + 0.5) * scale;
    const start = Math.max(0, Math.trunc(centre - reach + 0.5));
    const count = Math.min(inputs, Math.trunc(centre + reach + 0.5)) - start;
    let sum = 0;
    for (let k = 0; k < count; k++) sum += row[k] = at((k + start - centre + 0.5) * (1 / stretch));
    for (let k = 0; k < count; k++) {
      const weight = (row[k]! / sum) * 2 ** precision;
      taps.weights[i * most + k] = Math.trunc(weight + (weight < 0 ? -0.5 : 0.5));
    }
    taps.starts[i] = start;
    taps.counts[i] = count;
  }
  return taps;
}

function clip8(sum: number): number {
  const value = sum >> precision;
  return value < 0 ? 0 : value > 255 ? 255 : value;
}

/** Filters the middle axis of `[outer, inputs, inner]` pixels of 3 bytes. */
function filterAxis(
  data: RgbImage['data'],
  { starts, counts, weights, most }: Taps,
  { outer, inputs, inner }: { outer: number; inputs: number; inner: number },
): Uint8Array {
  const outputs = starts.length;
  const out = new Uint8Array(outer * outputs * inner * 3);
  const step = 3 * inner;
  const half = 1 << (precision - 1);
  let to = 0;
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < outputs; i++) {
      const first = (o * inputs + starts[i]!) * step;
      const [from, end] = [i * most, i * most + counts[i]!];
      for (let j = 0; j < step; j += 3) {
        let red = half;
        let green = half;
        let blue = half;
        for (let k = from, at = first + j; k < end; k++, at += step) {
          const weight = weights[k]!;
          red += data[at]! * weight;
          green += data[at + 1]! * weight;
          blue += data[at + 2]! * weight;
        }
        out[to++] = clip8(red);
        out[to++] = clip8(green);
        out[to++] = clip8(blue);
      }
    }
  }
  return out;
}

/**
 * Resizes as Pillow's `Image.resize` does an RGB image, byte for byte: antialiased, along rows and then along columns,
 * each axis by its own scale. (Pillow 13 starts with the columns where the width grows and the height shrinks; the two
 * round apart by 1 at most.) A fourth byte a pixel is dropped first.
 *
 * @returns 3 bytes a pixel; the image's own data where the size stays.
 * @throws RangeError where the image's data do not fill it, or a side is not a positive integer.
 */
export function resizePillow(image: RgbImage, options: ResizePillowOptions): RgbImage {
  const { width, height, interpolation = 'bilinear' } = options;
  channelsOf('resizePillow', image);
  checkSize('resizePillow', options);
  checkChoice('resizePillow', 'interpolation', interpolation, Object.keys(filters));
  const filter = filters[interpolation];
  let { data } = toRgb(image);
  if (width !== image.width) {
    const layout = { outer: image.height, inputs: image.width, inner: 1 };
    data = filterAxis(data, tapsOf(image.width, width, filter), layout);
  }
  if (height !== image.height) {
    const layout = { outer: 1, inputs: image.height, inner: width };
    data = filterAxis(data, tapsOf(image.height, height, filter), layout);
  }
  return { data, width, height };
}
