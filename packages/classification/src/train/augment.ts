import { cropImage, flipImage, resizePillow, type Crop, type RgbImage, type Size } from '@roikit/image';

export interface ClassifierAugmentation {
  /** Share of the image's area that a random crop keeps. @default [0.08, 1] Inception's, torchvision's and all since */
  scale?: [number, number];
  /** Width over height of the crop. @default [3 / 4, 4 / 3] likewise */
  ratio?: [number, number];
  /** Probability of a mirror image; 0 where left and right differ in meaning, as in digits. @default 0.5 torchvision's */
  flip?: number;
}

/** A window of random area and shape, or after ten misses the largest middle one of an allowed shape (torchvision). */
function randomWindow(
  image: Size,
  scale: [number, number],
  ratio: [number, number],
  random: () => number,
): Crop {
  for (let attempt = 0; attempt < 10; attempt++) {
    const area = image.width * image.height * (scale[0] + random() * (scale[1] - scale[0]));
    const [low, high] = [Math.log(ratio[0]), Math.log(ratio[1])];
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

/** A random crop, resized to `size`×`size`, perhaps mirrored; 3 bytes a pixel. */
export function augment(
  image: RgbImage,
  size: number,
  { scale = [0.08, 1], ratio = [3 / 4, 4 / 3], flip = 0.5 }: ClassifierAugmentation,
  random: () => number,
): RgbImage {
  const window = randomWindow(image, scale, ratio, random);
  const resized = resizePillow(cropImage(image, window), { width: size, height: size });
  return random() < flip ? flipImage(resized) : resized;
}
