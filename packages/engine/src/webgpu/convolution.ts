import type { backend_util } from '@tensorflow/tfjs-core';

/** Sizes of a convolution or a pooling, as its kernels' uniforms. */
export function convolutionInts(info: backend_util.Conv2DInfo): Record<string, number> {
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels } = info;
  const { filterHeight, filterWidth, strideHeight, strideWidth, dilationHeight, dilationWidth } = info;
  return {
    batchSize,
    inHeight,
    inWidth,
    inChannels,
    outHeight,
    outWidth,
    outChannels,
    filterHeight,
    filterWidth,
    strideHeight,
    strideWidth,
    dilationHeight,
    dilationWidth,
    padTop: info.padInfo.top,
    padLeft: info.padInfo.left,
  };
}

/** Whether the windows are the positions themselves: the convolution is a product of matrices as they lie. */
export const isPointwise = (info: backend_util.Conv2DInfo): boolean =>
  info.filterHeight * info.filterWidth * info.strideHeight * info.strideWidth === 1 &&
  info.outHeight === info.inHeight &&
  info.outWidth === info.inWidth;

/** WGSL: where a value of the input lies. */
export const CELL_OF = `
  struct Cell { image: i32, row: i32, column: i32, channel: i32 }
  fn cellOf(index: i32) -> Cell {
    let cell = index / uniforms.inChannels;
    let line = cell / uniforms.inWidth;
    return Cell(
      line / uniforms.inHeight,
      line % uniforms.inHeight,
      cell % uniforms.inWidth,
      index % uniforms.inChannels);
  }`;
