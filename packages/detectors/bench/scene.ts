import type { Boxes } from '@roikit/geometry';
import type { TrainImage } from '../src/training/augment';

/** Noise with twenty objects and two thousand proposals: the cost of a step does not depend on what is seen. */
export function scene(random: () => number, { width, height } = { width: 640, height: 480 }): TrainImage {
  const data = Uint8Array.from({ length: width * height * 3 }, () => random() * 256);
  const boxes = randomBoxes(20, random);
  const labels = Int32Array.from({ length: 20 }, (_, i) => 1 + (i % 3));
  const image = { data, width, height };
  return { sample: { id: 'noise', image, truth: { boxes, labels } }, proposals: randomBoxes(2000, random) };
}

export function randomBoxes(count: number, random: () => number): Boxes {
  return Float32Array.from(
    Array.from({ length: count }, () => {
      const [x, y] = [random() * 500, random() * 350];
      return [x, y, x + 30 + random() * 100, y + 30 + random() * 100];
    }).flat(),
  );
}
