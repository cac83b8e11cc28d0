import type { TensorInfo } from '@tensorflow/tfjs-core';
import { lossSum } from './lossSum';
import { dispatchValues, type WebgpuBackend } from './program';

interface Args<Names extends string> {
  inputs: Record<Names, TensorInfo>;
  backend: WebgpuBackend;
}

/** WGSL: the largest logit of a row, and ln Σ exp of how far the others lie below it. */
const ROW = `
  struct Row { most: f32, logSum: f32 }
  fn rowOf(row: i32) -> Row {
    let first = row * uniforms.columns;
    var most = logits[first];
    for (var i = 1; i < uniforms.columns; i++) { most = max(most, logits[first + i]); }
    var sum = 0.0;
    for (var i = 0; i < uniforms.columns; i++) { sum += exp(logits[first + i] - most); }
    return Row(most, log(sum));
  }`;

/**
 * The mean of −ln p_label over the rows of `logits` `[R, C]`, with `labels` `[R]`. One dispatch for the stock kernels' ten.
 * Twin: softmaxLoss of @roikit/heads.
 */
export function softmaxLoss({ inputs: { logits, labels }, backend }: Args<'logits' | 'labels'>): TensorInfo {
  const [rows, columns] = logits.shape as [number, number];
  return lossSum(backend, {
    name: 'SoftmaxLoss',
    wgsl: `${ROW}
    fn termAt(index: i32) -> f32 {
      let row = rowOf(index);
      return row.logSum - (logits[index * uniforms.columns + labels[index]] - row.most);
    }`,
    value: 'sum / f32(uniforms.count)',
    inputs: { logits, labels },
    ints: { columns },
    count: rows,
  });
}

/** Its gradient by the logits, (p − [c = label]) · dy / R. */
export function softmaxLossGrad({
  inputs: { dy, logits, labels },
  backend,
}: Args<'dy' | 'logits' | 'labels'>): TensorInfo {
  const [rows, columns] = logits.shape as [number, number];
  return dispatchValues(backend, {
    name: 'SoftmaxLossGrad',
    wgsl: () => `${ROW}
    fn valueAt(index: i32) -> f32 {
      let at = index / uniforms.columns;
      let row = rowOf(at);
      let share = exp(logits[index] - row.most - row.logSum);
      let hot = select(0.0, 1.0, index - at * uniforms.columns == labels[at]);
      return (share - hot) * (dy[0] / f32(uniforms.rows));
    }`,
    inputs: { dy, logits, labels },
    outputShape: logits.shape,
    ints: { rows, columns },
  });
}
