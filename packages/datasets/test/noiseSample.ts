import { mulberry32 } from '@roikit/geometry';
import { type Sample } from '../src';

export function noise({ width = 13, height = 9, channels = 3 } = {}): Sample {
  const random = mulberry32(width + channels);
  return {
    id: 'noise',
    image: {
      data: Uint8Array.from({ length: width * height * channels }, () => random() * 256),
      width,
      height,
    },
    truth: {
      boxes: Float32Array.of(1, 2, 5, 6, 0, 0, width, height, 10, 1, 12, 3),
      labels: Int32Array.of(1, 2, 3),
      difficult: Uint8Array.of(0, 1, 0),
      crowd: Uint8Array.of(1, 0, 0),
      area: Float32Array.of(10, 100, 4),
    },
  };
}
