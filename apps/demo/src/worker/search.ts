import { drawSegmentation } from '@roikit/draw';
import type { RgbImage } from '@roikit/image';
import {
  graphSegmentation,
  hierarchicalGrouping,
  type GraphSegmentationOptions,
  type GroupingOptions,
} from '@roikit/proposals';
import { toCanvas } from '../paint/pixels';
import type { GroupingAnswer, SegmentationAnswer } from './protocol';

// Selective search made visible, where it is computed.

/** Larger pictures are searched at this size: regions are as large as they look, and sliders answer at once. */
const MAX_SIDE = 480;

export function segment(image: RgbImage, options: GraphSegmentationOptions): SegmentationAnswer {
  const small = searched(image);
  const { result, milliseconds } = withTime(() => graphSegmentation(small, options));
  return { count: result.count, milliseconds, pixels: drawSegmentation(small, result) };
}

export function group(image: RgbImage, options: GroupingOptions): GroupingAnswer {
  const small = searched(image);
  const { result, milliseconds } = withTime(() => hierarchicalGrouping(small, options));
  return { ...result, milliseconds, size: { width: small.width, height: small.height } };
}

function searched(image: RgbImage): RgbImage {
  const factor = Math.min(1, MAX_SIDE / Math.max(image.width, image.height));
  if (factor === 1) return image;
  const small = new OffscreenCanvas(Math.round(image.width * factor), Math.round(image.height * factor));
  const context = small.getContext('2d', { willReadFrequently: true })!;
  context.imageSmoothingQuality = 'high';
  context.drawImage(toCanvas(image), 0, 0, small.width, small.height);
  const { data, width, height } = context.getImageData(0, 0, small.width, small.height);
  return { data, width, height };
}

/** What `work` returns, and how long it took. */
function withTime<Result>(work: () => Result): { result: Result; milliseconds: number } {
  const start = performance.now();
  const result = work();
  return { result, milliseconds: performance.now() - start };
}
