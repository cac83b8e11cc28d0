import type { Dataset, Sample } from '@roikit/datasets';
import { mulberry32, type Boxes } from '@roikit/geometry';
import type { RgbImage } from '@roikit/image';
import { createDetector, type FastRCNNOptions } from '../src';

/** Pictures of one bright red or blue square on noise: as little as a detector can learn from. */
export function squares({
  count,
  size = 64,
  seed = 1,
}: {
  count: number;
  size?: number;
  seed?: number;
}): Dataset {
  const get = async (index: number): Promise<Sample> => {
    const random = mulberry32(seed * 1000 + index);
    const data = Uint8Array.from({ length: size * size * 3 }, () => 90 + random() * 40);
    const label = 1 + Math.floor(random() * 2);
    const side = Math.round(20 + random() * 16);
    const [x, y] = [Math.floor(random() * (size - side)), Math.floor(random() * (size - side))];
    for (let j = y; j < y + side; j++) {
      for (let i = x; i < x + side; i++)
        data.set(label === 1 ? [230, 30, 30] : [30, 30, 230], (j * size + i) * 3);
    }
    const truth = { boxes: Float32Array.of(x, y, x + side, y + side), labels: Int32Array.of(label) };
    return { id: `${index}`, image: { data, width: size, height: size }, truth };
  };
  return { name: 'squares', classes: ['red', 'blue'], length: count, id: (index) => `${index}`, get };
}

/** One of them. */
export const scene = async (): Promise<RgbImage> => (await squares({ count: 1 }).get(0)).image;

export function noise(width: number, height: number): RgbImage {
  const random = mulberry32(width);
  return { data: Uint8Array.from({ length: width * height * 3 }, () => 256 * random()), width, height };
}

/** Square boxes on a grid, in place of a search. */
export function gridProposals({ width, height }: RgbImage): Boxes {
  const boxes: number[] = [];
  for (const side of [20, 28, 36]) {
    for (let y = 0; y + side <= height; y += 6) {
      for (let x = 0; x + side <= width; x += 6) boxes.push(x, y, x + side, y + side);
    }
  }
  return Float32Array.from(boxes);
}

/** A detector small enough for tests: SqueezeNet's first layers, one hidden layer. */
export function tinyDetector(options: Partial<FastRCNNOptions> & { random?: () => number } = {}) {
  return createDetector({
    type: 'fast-rcnn',
    classes: ['red', 'blue'],
    backbone: { name: 'squeezenet1_1', layers: ['features.3'], frozenThrough: null },
    neck: null,
    transform: { minSize: 64, maxSize: 64 },
    proposals: 'precomputed',
    regions: { outputSize: [3, 3] },
    head: { hidden: [32] },
    random: mulberry32(1),
    ...options,
  });
}
