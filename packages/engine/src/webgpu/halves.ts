import * as tf from '@tensorflow/tfjs-core';
import type { WebgpuBackend } from './program';

/**
 * Whether a layer multiplies in half precision: where that was asked for the device has `shader-f16`. Whatever a gradient
 * is taken of stays in float32, and so do gradients, whose kernels do not ask.
 */
export function inHalves({ device }: WebgpuBackend): boolean {
  return device.features.has('shader-f16') && tf.engine().state.gradientDepth === 0;
}
