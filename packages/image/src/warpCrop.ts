import { channelsOf, checkChoice, type RgbImage } from './rgbImage';
import { axisSamples, sampleWindow, type Window } from './sampleWindow';

export interface WarpCropOptions {
  /** Side of the network's input, pixels: 227 for CaffeNet. */
  size: number;
  /** The mean pixel, in the image's order of channels, that normalisation subtracts: what lies beyond the image is 0 then. */
  fill: readonly [number, number, number];
  /**
   * `warp` stretches the box over the input; `square` takes the tightest square around it.
   *
   * @default 'warp' best by 3 to 5 mAP (R-CNN, App. A)
   */
  mode?: 'warp' | 'square';
  /**
   * How many pixels of what surrounds the box are seen on each side, counted in the warped input.
   *
   * @default 16 (R-CNN, §2.1)
   */
  context?: number;
}

/**
 * R-CNN's crops (Girshick et al. 2014, §2.1, App. A): each box widened about its centre by `size / (size − 2 · context)`,
 * stretched over the network's input, bilinear without antialiasing. `rcnn_im_crop.m` rounds the widened box to whole
 * pixels first; this one does not.
 *
 * @param boxes `[N, 4]`, x1 y1 x2 y2 in pixels of the image.
 * @returns `[N, size, size, 3]` in [0, 255], not rounded.
 * @throws RangeError for boxes that are not N × 4 finite numbers with x1 ≤ x2 and y1 ≤ y2, and where `context` leaves
 * nothing of `size`.
 */
export function warpCrop(image: RgbImage, boxes: Float32Array, options: WarpCropOptions): Float32Array {
  const { size, fill, mode = 'warp', context = 16 } = options;
  channelsOf('warpCrop', image);
  checkChoice('warpCrop', 'mode', mode, ['warp', 'square']);
  checkOptions({ size, context });
  checkBoxes(boxes);
  const pixels = 3 * size * size;
  const out = new Float32Array((boxes.length / 4) * pixels);
  const [columns, rows] = [axisSamples(size), axisSamples(size)];
  const widening = size / (size - 2 * context);
  for (let i = 0; i < boxes.length / 4; i++) {
    const window = widened(boxes.subarray(4 * i, 4 * i + 4), { mode, widening });
    sampleWindow(image, window, { columns, rows, channels: 3, fill, out, offset: i * pixels });
  }
  return out;
}

/** What of the image a crop shows. */
function widened(
  box: Float32Array,
  { mode, widening }: { mode: 'warp' | 'square'; widening: number },
): Window {
  const [x1, y1, x2, y2] = box as unknown as Window;
  const longer = Math.max(x2 - x1, y2 - y1);
  const width = widening * (mode === 'square' ? longer : x2 - x1);
  const height = widening * (mode === 'square' ? longer : y2 - y1);
  const [x, y] = [(x1 + x2) / 2, (y1 + y2) / 2];
  return [x - width / 2, y - height / 2, x + width / 2, y + height / 2];
}

function checkOptions({ size, context }: { size: number; context: number }): void {
  if (!Number.isInteger(size) || size < 1)
    throw new RangeError(`warpCrop: size must be a positive integer, got ${size}`);
  if (!(context >= 0 && 2 * context < size))
    throw new RangeError(
      `warpCrop: context must be 0 or more and below half of size ${size}, got ${context}`,
    );
}

function checkBoxes(boxes: Float32Array): void {
  if (boxes.length % 4 !== 0)
    throw new RangeError(`warpCrop: boxes must be [N, 4], got ${boxes.length} numbers`);
  for (let i = 0; i < boxes.length; i += 4) {
    const box = boxes.subarray(i, i + 4);
    if (box.every(Number.isFinite) && box[0]! <= box[2]! && box[1]! <= box[3]!) continue;
    throw new RangeError(
      `warpCrop: box ${i / 4} must be finite x1 y1 x2 y2 with x1 ≤ x2 and y1 ≤ y2, got [${box.join(', ')}]`,
    );
  }
}
