import type { Pixels } from './pixels';

/** One box on the picture, in its pixels. */
export interface DrawnBox {
  /** x1 y1 x2 y2 */
  box: ArrayLike<number>;
  color: string;
  text?: string;
  dashed?: boolean;
  /** Of the line, 0…1. @default 1 */
  alpha?: number;
  /** Pixels on the screen. @default 2 */
  width?: number;
  /** Alpha of the inside. @default 0 */
  fill?: number;
  /** The proposal that pointing at the box points at. */
  region?: number;
}

/** A small picture stretched over a part of the large one. */
export interface Raster {
  pixels: Pixels;
  /** x1 y1 x2 y2, in pixels of the picture. */
  box: readonly [number, number, number, number];
  alpha: number;
  smooth: boolean;
}

/** What a stage paints over the picture. */
export interface Layers {
  /** How much of the picture is seen. @default 1 */
  picture?: number;
  raster?: Raster;
  boxes: readonly DrawnBox[];
}

/** Number of the smallest box with a region that holds the point; −1 for none. */
export function boxAt(boxes: readonly DrawnBox[], x: number, y: number): number {
  let best = -1;
  let least = Infinity;
  boxes.forEach(({ box, region }, i) => {
    const [x1, y1, x2, y2] = [box[0]!, box[1]!, box[2]!, box[3]!];
    if (region === undefined || x < x1 || x > x2 || y < y1 || y > y2) return;
    const area = (x2 - x1) * (y2 - y1);
    if (area < least) [best, least] = [i, area];
  });
  return best;
}
