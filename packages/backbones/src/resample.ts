// Pillow's resampling (src/libImaging/Resample.c), bit by bit: torchvision's transforms and every published accuracy
// rest on it. Going down it averages all the pixels under the filter, where other resizers skip most of them.

/** Pixels, row-major, 3 bytes each. */
export interface Pixels {
  data: Uint8Array;
  width: number;
  height: number;
}

export type Interpolation = 'bilinear' | 'bicubic';

interface Filter {
  support: number;
  at: (x: number) => number;
}

const cubicA = -0.5; // Pillow's
const filters: Record<Interpolation, Filter> = {
  bilinear: { support: 1, at: (x) => Math.max(0, 1 - Math.abs(x)) },
  bicubic: {
    support: 2,
    at: (value) => {
      const x = Math.abs(value);
      if (x < 1) return ((cubicA + 2) * x - (cubicA + 3)) * x * x + 1;
      return x < 2 ? (((x - 5) * x + 8) * x - 4) * cubicA : 0;
    },
  },
};

/** Of each output pixel: its first input pixel, how many, and their weights in fixed point. */
interface Taps {
  starts: Int32Array;
  counts: Int32Array;
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
    for (let k = 0; k < count; k++) sum += row[k] = at((k + start - centre + 0.5) / stretch);
    for (let k = 0; k < count; k++) {
      const weight = (row[k] / sum) * 2 ** precision;
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

/**
 * One pass: `lines` lines of `taps.starts.length` output pixels, the pixels of a line `step` bytes apart and the lines
 * `inLine` bytes in the input, `outLine` in the output.
 */
function pass(
  data: Uint8Array,
  taps: Taps,
  { lines, step, inLine, outLine }: { lines: number; step: number; inLine: number; outLine: number },
  out: Uint8Array,
): void {
  const { starts, counts, weights, most } = taps;
  const half = 1 << (precision - 1);
  for (let line = 0; line < lines; line++) {
    for (let i = 0; i < starts.length; i++) {
      const from = line * inLine + starts[i] * step;
      let red = half;
      let green = half;
      let blue = half;
      for (let k = 0; k < counts[i]; k++) {
        const weight = weights[i * most + k];
        const at = from + k * step;
        red += data[at] * weight;
        green += data[at + 1] * weight;
        blue += data[at + 2] * weight;
      }
      const to = line * outLine + i * step;
      out[to] = clip8(red);
      out[to + 1] = clip8(green);
      out[to + 2] = clip8(blue);
    }
  }
}

/** Resizes along rows, then along columns. */
export function resample(image: Pixels, width: number, height: number, interpolation: Interpolation): Pixels {
  const filter = filters[interpolation];
  let { data } = image;
  if (width !== image.width) {
    const out = new Uint8Array(image.height * width * 3);
    const lines = { lines: image.height, step: 3, inLine: image.width * 3, outLine: width * 3 };
    pass(data, tapsOf(image.width, width, filter), lines, out);
    data = out;
  }
  if (height !== image.height) {
    const out = new Uint8Array(height * width * 3);
    pass(
      data,
      tapsOf(image.height, height, filter),
      { lines: width, step: width * 3, inLine: 3, outLine: 3 },
      out,
    );
    data = out;
  }
  return { data, width, height };
}
