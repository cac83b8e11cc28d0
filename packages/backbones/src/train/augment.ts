import type { Pixels } from '../resample';
import { resample } from '../resample';

export interface ClassifierAugmentation {
  /** Share of the image's area that a random crop keeps. Default [.08, 1]: Inception's, torchvision's and all since. */
  scale?: [number, number];
  /** Width over height of the crop. Default [3/4, 4/3], likewise. */
  ratio?: [number, number];
  /** Probability of a mirror image. Default .5; 0 where left and right differ in meaning, as in digits. */
  flip?: number;
}

interface Window {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** A window of random area and shape, or after ten misses the largest middle one of an allowed shape (torchvision). */
function randomWindow(
  image: Pixels,
  scale: [number, number],
  ratio: [number, number],
  random: () => number,
): Window {
  for (let attempt = 0; attempt < 10; attempt++) {
    const area = image.width * image.height * (scale[0] + random() * (scale[1] - scale[0]));
    const [low, high] = ratio.map(Math.log);
    const shape = Math.exp(low + random() * (high - low));
    const width = Math.round(Math.sqrt(area * shape));
    const height = Math.round(Math.sqrt(area / shape));
    if (width < 1 || height < 1 || width > image.width || height > image.height) continue;
    const left = Math.floor(random() * (image.width - width + 1));
    const top = Math.floor(random() * (image.height - height + 1));
    return { left, top, width, height };
  }
  const shape = Math.min(ratio[1], Math.max(ratio[0], image.width / image.height));
  const width = Math.min(image.width, Math.round(image.height * shape));
  const height = Math.min(image.height, Math.round(image.width / shape));
  return {
    left: Math.floor((image.width - width) / 2),
    top: Math.floor((image.height - height) / 2),
    width,
    height,
  };
}

function cut(image: Pixels, { left, top, width, height }: Window): Pixels {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const from = ((y + top) * image.width + left) * 3;
    data.set(image.data.subarray(from, from + width * 3), y * width * 3);
  }
  return { data, width, height };
}

function mirror({ data, width, height }: Pixels): void {
  for (let y = 0; y < height; y++) {
    for (let a = y * width, b = a + width - 1; a < b; a++, b--) {
      for (let c = 0; c < 3; c++) {
        const kept = data[a * 3 + c];
        data[a * 3 + c] = data[b * 3 + c];
        data[b * 3 + c] = kept;
      }
    }
  }
}

/** A random crop, resized to `size`×`size`, perhaps mirrored. */
export function augment(
  image: Pixels,
  size: number,
  { scale = [0.08, 1], ratio = [3 / 4, 4 / 3], flip = 0.5 }: ClassifierAugmentation,
  random: () => number,
): Pixels {
  const window = randomWindow(image, scale, ratio, random);
  const resized = resample(cut(image, window), size, size, 'bilinear');
  const result = { ...resized, data: resized.data.slice() };
  if (random() < flip) mirror(result);
  return result;
}
