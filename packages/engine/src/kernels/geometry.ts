import type { backend_util } from '@tensorflow/tfjs-core';

export type Shape4D = [number, number, number, number];

/** Sizes of a convolution in the order that the functions of assembly/ take them, after their three pointers. */
export function geometryOf(info: backend_util.Conv2DInfo): number[] {
  // The last but one size is channels out of a full convolution, the channel multiplier of a depthwise one.
  const perInput = info.filterShape[3]!;
  return [
    ...[
      info.batchSize,
      info.inHeight,
      info.inWidth,
      info.inChannels,
      info.outHeight,
      info.outWidth,
      perInput,
    ],
    ...[info.filterHeight, info.filterWidth, info.strideHeight, info.strideWidth],
    ...[info.dilationHeight, info.dilationWidth, info.padInfo.top, info.padInfo.left],
  ];
}

/** The kernels here know one layout, the one that the package uses. */
export function checkLayout(kernelName: string, dataFormat: string): void {
  if (dataFormat !== 'NHWC')
    throw new Error(`${kernelName}: dataFormat must be NHWC on wasm, got ${dataFormat}`);
}
