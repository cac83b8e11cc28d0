import { channelsOf, type RgbImage } from '@roikit/image';
import { checkNumber, checkSigma } from './checks';
import { toColorSpace } from './colorSpaces';
import { withKernel } from './kernel/kernel';
import { pixelGraph } from './pixelGraph';
import { segment } from './segment';
import type { Segmentation } from './types';

export interface GraphSegmentationOptions {
  /** k: the larger, the larger the regions. @default 200, as in the demo of selective search's authors */
  scale?: number;
  /** Smoothing before, in pixels. @default 0.8, as there */
  sigma?: number;
  /** Regions below this many pixels are joined to a neighbour. @default scale, as there */
  minSize?: number;
}

/**
 * Graph-based segmentation (Felzenszwalb and Huttenlocher, IJCV 2004) of the RGB image, 8-connected.
 *
 * @returns labels `[height × width]`, 0…count − 1, numbered by each region's first pixel in raster order
 * @throws RangeError when the image's buffer does not fit its size, or an option is negative
 */
export function graphSegmentation(image: RgbImage, options: GraphSegmentationOptions = {}): Segmentation {
  const { scale = 200, sigma = 0.8, minSize = scale } = options;
  channelsOf('graphSegmentation', image);
  checkNumber('graphSegmentation', { scale, minSize });
  checkSigma('graphSegmentation', sigma, image);
  const pixels = image.width * image.height;
  return withKernel((kernel) => {
    const labels = kernel.arena.alloc(4 * pixels);
    const graph = pixelGraph(kernel, toColorSpace(kernel, image, 'RGB'), sigma);
    const { count } = segment(kernel, graph, { k: scale, minSize, labels });
    return { labels: kernel.arena.i32(labels, pixels).slice(), count };
  });
}
