import { util, type TensorInfo } from '@tensorflow/tfjs-core';
import { lossSum } from './lossSum';
import { dispatchValues, type WebgpuBackend } from './program';

interface Args<Names extends string> {
  inputs: Record<Names, TensorInfo>;
  backend: WebgpuBackend;
  attrs: { beta: number };
}

/** WGSL: the difference as far as the loss is square. By selection, for `clamp` may make a number of NaN. */
const INNER = `
  fn differenceAt(index: i32) -> f32 { return predicted[index] - expected[index]; }
  fn inner(difference: f32) -> f32 {
    let most = select(difference, uniforms.beta, difference > uniforms.beta);
    return select(most, -uniforms.beta, difference < -uniforms.beta);
  }`;

/**
 * Σ 0.5 d²/beta where |d| < beta, else |d| − 0.5 beta, in one dispatch for the stock kernels' seven. Twin: smoothL1Loss of
 * @roikit/heads.
 */
export function smoothL1Loss({
  inputs: { predicted, target },
  backend,
  attrs: { beta },
}: Args<'predicted' | 'target'>): TensorInfo {
  return lossSum(backend, {
    name: 'SmoothL1Loss',
    wgsl: `${INNER}
    fn termAt(index: i32) -> f32 {
      let difference = differenceAt(index);
      let square = inner(difference);
      return square * (difference - 0.5 * square);
    }`,
    value: 'sum / uniforms.beta',
    inputs: { predicted, expected: target }, // WGSL keeps the word target for itself
    floats: { beta },
    count: util.sizeFromShape(predicted.shape),
  });
}

/** Its gradient by `predicted`, d/beta as far as the loss is square, else ±1, times dy. */
export function smoothL1LossGrad({
  inputs: { dy, predicted, target },
  backend,
  attrs: { beta },
}: Args<'dy' | 'predicted' | 'target'>): TensorInfo {
  return dispatchValues(backend, {
    name: 'SmoothL1LossGrad',
    wgsl: () => `${INNER}
    fn valueAt(index: i32) -> f32 { return inner(differenceAt(index)) * (dy[0] / uniforms.beta); }`,
    inputs: { dy, predicted, expected: target },
    outputShape: predicted.shape,
    floats: { beta },
  });
}
