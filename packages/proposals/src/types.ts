import type { Boxes } from '@roikit/geometry';

/** The eight colour spaces of IJCV 2013 Table 1. */
export type ColorSpace = 'RGB' | 'I' | 'Lab' | 'rgI' | 'HSV' | 'rgb' | 'C' | 'H';

/** The four similarities of IJCV 2013 §3.2. */
export type Similarity = 'color' | 'texture' | 'size' | 'fill';

/** One run of hierarchical grouping: a segmentation, and the similarities whose sum orders the merges (Eq 6). */
export interface Strategy {
  /** Colour space of both the segmentation and the histograms. */
  colorSpace: ColorSpace;
  /** The k of the graph segmentation; its minimum region size too, in pixels, as the paper's authors set it. */
  k: number;
  similarities: readonly Similarity[];
}

export type SelectiveSearchMode = 'single' | 'fast' | 'quality';

export interface Proposals {
  /** `[N, 4]`, best first, no two alike. */
  boxes: Boxes;
  /** `[N]`, from 1 down to 0, in equal steps over all boxes found: the paper gives an order, no scores. */
  scores: Float32Array;
}

/** One image in one colour space, in the kernel's memory. */
export interface Planes {
  width: number;
  height: number;
  /** Addresses of the channels, bytes `[height × width]` each, scaled to 0…255. */
  planes: number[];
}

/** A segmentation in the kernel's memory. */
export interface LabelMap {
  /** Address of i32 `[height × width]`, 0…count − 1. */
  labels: number;
  count: number;
}

/** A partition of the pixels into 4-connected or 8-connected regions. */
export interface Segmentation {
  /** `[height × width]`, 0…count − 1. */
  labels: Int32Array;
  count: number;
}
