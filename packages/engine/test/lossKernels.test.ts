import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { useEngine } from '../src/index';
import { randomTensor } from './cases';
import { startWebgpu } from './webgpuInNode';

const started = await startWebgpu();

const run = (name: string, inputs: tf.NamedTensorMap, attrs: tf.NamedAttrMap = {}) =>
  tf.engine().runKernel(name, inputs, attrs) as tf.Tensor;

const valuesOf = async (tensor: tf.Tensor): Promise<number[]> => [...(await tensor.data())];

/** −ln p_label, the mean over rows, written out. */
function naiveSoftmaxLoss(logits: number[], labels: number[]): number {
  const columns = logits.length / labels.length;
  const losses = labels.map((label, r) => {
    const row = logits.slice(r * columns, (r + 1) * columns);
    return Math.log(row.reduce((sum, logit) => sum + Math.exp(logit), 0)) - row[label]!;
  });
  return losses.reduce((sum, loss) => sum + loss, 0) / labels.length;
}

/** Fast R-CNN Eq. 3, in torchvision's form. */
function naiveSmoothL1(predicted: number[], target: number[], beta: number): number {
  const terms = predicted.map((value, i) => {
    const distance = Math.abs(value - target[i]!);
    return distance < beta ? (0.5 * distance * distance) / beta : distance - 0.5 * beta;
  });
  return terms.reduce((sum, term) => sum + term, 0);
}

/** By central differences, in doubles. */
function differences(f: (values: number[]) => number, values: number[]): number[] {
  const at = (i: number, by: number) => f(values.map((value, j) => (i === j ? value + by : value)));
  return values.map((_, i) => (at(i, 1e-4) - at(i, -1e-4)) / 2e-4);
}

const worst = (actual: number[], expected: number[]) =>
  Math.max(...expected.map((value, i) => Math.abs(value - actual[i]!)));

describe.skipIf(!started)('losses as kernels on webgpu', () => {
  beforeAll(() => useEngine('webgpu').then(() => undefined));

  // More rows than a workgroup has threads; a logit that overflows unless the largest is taken off.
  it.each([
    { rows: 7, columns: 4, scale: 1 },
    { rows: 300, columns: 3, scale: 40 },
    { rows: 5, columns: 91, scale: 3 },
  ])('softmax: value and gradient, $rows × $columns', async ({ rows, columns, scale }) => {
    const logits = tf.mul(randomTensor([rows, columns], 1), scale);
    const labels = Array.from({ length: rows }, (_, r) => (r * r + 1) % columns);
    const given = tf.tensor1d(labels, 'int32');
    const loss = (x: tf.Tensor) => run('SoftmaxLoss', { logits: x, labels: given });
    const values = await valuesOf(logits);
    const naive = naiveSoftmaxLoss(values, labels);
    expect((await valuesOf(loss(logits)))[0]! / naive).toBeCloseTo(1, 5);
    const gradient = await valuesOf(tf.grad((x) => tf.mul(loss(x), 0.5))(logits));
    const few = values.slice(0, 3 * columns);
    const expected = differences((x) => naiveSoftmaxLoss(x, labels.slice(0, 3)), few);
    expect(
      worst(
        gradient.map((value) => 2 * value * (rows / 3)),
        expected,
      ),
    ).toBeLessThan(1e-4);
  });

  it.each([0.11, 1, 2.5])('smooth L1: value and both gradients, beta %f', async (beta) => {
    const [predicted, target] = [randomTensor([97, 4], 1), tf.mul(randomTensor([97, 4], 2), 3)];
    const loss = (a: tf.Tensor, b: tf.Tensor) => run('SmoothL1Loss', { predicted: a, target: b }, { beta });
    const [a, b] = [await valuesOf(predicted), await valuesOf(target)];
    expect((await valuesOf(loss(predicted, target)))[0]! / naiveSmoothL1(a, b, beta)).toBeCloseTo(1, 5);
    const [byA, byB] = tf.grads((x, y) => tf.mul(loss(x, y), 3))([predicted, target]);
    const expected = differences((x) => naiveSmoothL1(x, b, beta), a);
    expect(
      worst(
        (await valuesOf(byA!)).map((value) => value / 3),
        expected,
      ),
    ).toBeLessThan(1e-3);
    expect(
      worst(
        (await valuesOf(byB!)).map((value) => -value / 3),
        expected,
      ),
    ).toBeLessThan(1e-3);
  });

  // By which a training that went astray is noticed.
  it('are not finite where an input is not', async () => {
    const broken = tf.tensor2d([1, NaN, 2, 0.5, 0.1, 0.2], [2, 3]);
    const labels = tf.tensor1d([0, 1], 'int32');
    const [softmax] = await valuesOf(run('SoftmaxLoss', { logits: broken, labels }));
    expect(Number.isFinite(softmax)).toBe(false);
    const inputs = { predicted: broken, target: tf.zeros([2, 3]) };
    const [smooth] = await valuesOf(run('SmoothL1Loss', inputs, { beta: 1 }));
    expect(Number.isFinite(smooth)).toBe(false);
  });
});
