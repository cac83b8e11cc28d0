import type { backend_util } from '@tensorflow/tfjs-core';

export type Shape4D = [number, number, number, number];

/** The stock kernels' attributes have no dilations: their gradients refuse them. */
export interface Dilated {
  dilations?: number | [number, number];
}

/** Sizes of a convolution in the order that the functions of assembly/ take them, after their three pointers. */
export function geometryOf(info: backend_util.Conv2DInfo): number[] {
  // Channels out of a full convolution, the channel multiplier of a depthwise one.
  const perInput = info.filterShape[3];
  const input = [info.batchSize, info.inHeight, info.inWidth, info.inChannels];
  const output = [info.outHeight, info.outWidth, perInput];
  const filter = [info.filterHeight, info.filterWidth, info.strideHeight, info.strideWidth];
  const placement = [info.dilationHeight, info.dilationWidth, info.padInfo.top, info.padInfo.left];
  return [...input, ...output, ...filter, ...placement];
}

/** The kernels here know one layout, the one that the package uses. */
export function checkLayout(kernelName: string, dataFormat: string): void {
  if (dataFormat !== 'NHWC')
    throw new Error(`${kernelName}: dataFormat must be NHWC here, got ${dataFormat}`);
}
