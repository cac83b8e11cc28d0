import * as tf from '@tensorflow/tfjs-core';
import { randomTensor } from './cases';
import { runList } from './optimizers';

const shapes = {
  conv: [3, 3, 3, 8],
  scale: [8],
  offset: [8],
  depthwise: [3, 3, 8, 1],
  strided: [3, 3, 8, 12],
  stridedBias: [12],
  dense: [48, 5],
  denseBias: [5],
};
const names = Object.keys(shapes) as (keyof typeof shapes)[];

export type Rule = 'sgd' | 'adamw';

/** All that a run is: values by name, each moment of all names one after the other, and the steps done. */
export interface Run {
  rule: Rule;
  step: number;
  values: number[][];
  moments: number[][];
}

export async function newRun(rule: Rule): Promise<Run> {
  const tensors = names.map((name, i) => tf.tidy(() => tf.mul(randomTensor(shapes[name], i + 1), 0.3)));
  const values = await Promise.all(tensors.map(async (tensor) => [...(await tensor.data())]));
  tf.dispose(tensors);
  const zeros = values.flat().map(() => 0);
  return { rule, step: 0, values, moments: rule === 'sgd' ? [zeros] : [zeros, zeros] };
}

/** A loss with every layer that a detector has: batch norm in training, a dropout mask of the step's own. */
function lossOf(weights: Record<keyof typeof shapes, tf.Tensor>, step: number): tf.Scalar {
  const picture = step % 4;
  const x = randomTensor([2, 9, 8, 3], 100 + picture) as tf.Tensor4D;
  const a = tf.conv2d(x, weights.conv as tf.Tensor4D, 1, 'same'); // no bias: batch norm takes it away again
  const { mean, variance } = tf.moments(a, [0, 1, 2]);
  const [offset, scale] = [weights.offset, weights.scale] as tf.Tensor1D[];
  const b = tf.relu(
    tf.batchNorm(a as tf.Tensor4D, mean as tf.Tensor1D, variance as tf.Tensor1D, offset, scale),
  );
  const c = tf.relu6(
    tf.depthwiseConv2d(
      tf.maxPool(b as tf.Tensor4D, 3, 2, 'same'),
      weights.depthwise as tf.Tensor4D,
      1,
      'same',
    ),
  );
  const d = tf.reshape(
    tf.add(tf.conv2d(c as tf.Tensor4D, weights.strided as tf.Tensor4D, 2, 'valid'), weights.stridedBias),
    [2, -1],
  );
  const mask = tf.cast(tf.greater(randomTensor([2, 24], 200 + step), -0.4), 'float32');
  const e = tf.concat([d, tf.mul(tf.slice(d, [0, 0], [2, 24]), mask)], 1);
  const logits = tf.add(tf.matMul(e, weights.dense), weights.denseBias);
  const target = tf.oneHot(tf.tensor1d([picture, picture + 1], 'int32'), 5);
  return tf.neg(tf.mean(tf.sum(tf.mul(tf.logSoftmax(logits), target), 1))) as tf.Scalar;
}

const clipNorm = 0.5;
const betas: [number, number] = [0.9, 0.99];
const rate = 0.02;

/** Trains on: `count` more steps. Returns the losses and the run after them; nothing is read before its step is done. */
export async function trainOn(run: Run, count: number): Promise<{ losses: number[]; run: Run }> {
  const { rule } = run;
  let step = run.step;
  let values = names.map((name, i) => tf.tensor(run.values[i]!, shapes[name]));
  let moments: tf.Tensor[] = run.moments.map((list) => tf.tensor1d(list));
  const losses: number[] = [];
  for (let i = 0; i < count; i++) {
    step++;
    const weights = (list: tf.Tensor[]) =>
      Object.fromEntries(names.map((name, j) => [name, list[j]!])) as never;
    const { value, grads } = tf.valueAndGrads((...list: tf.Tensor[]) => lossOf(weights(list), step))(values);
    const norm = tf.tidy(() => normOf(grads));
    const [loss, gradientNorm] = await readTogether(value, norm);
    losses.push(loss!);
    const scale = Math.min(1, clipNorm / (gradientNorm! + 1e-6));
    const after = tf.tidy(() => update(rule, values, grads, moments, { scale, step }));
    tf.dispose([values, moments, grads, value, norm]);
    values = after.slice(0, names.length);
    moments = after.slice(names.length);
  }
  const read = async (tensor: tf.Tensor) => [...(await tensor.data())];
  const state = {
    rule,
    step,
    values: await Promise.all(values.map(read)),
    moments: await Promise.all(moments.map(read)),
  };
  tf.dispose([values, moments]);
  return { losses, run: state };
}

async function readTogether(...scalars: tf.Tensor[]): Promise<number[]> {
  const stacked = tf.stack(scalars);
  const values = [...(await stacked.data())];
  stacked.dispose();
  return values;
}

const isRegistered = (kernel: string) => tf.getKernel(kernel, tf.getBackend()) !== undefined;

function normOf(gradients: tf.Tensor[]): tf.Tensor {
  if (isRegistered('GlobalNorm')) return runList('GlobalNorm', gradients, {})[0]!;
  return tf.sqrt(tf.addN(gradients.map((gradient) => tf.sum(tf.square(gradient)))));
}

/** New values, and new moments: by the fused kernel where there is one, else by TensorFlow.js's own ops. */
function update(
  rule: Rule,
  values: tf.Tensor[],
  gradients: tf.Tensor[],
  moments: tf.Tensor[],
  { scale, step }: { scale: number; step: number },
): tf.Tensor[] {
  const kernel = rule === 'sgd' ? 'FusedSgd' : 'FusedAdamW';
  const decays = values.map(({ rank }) => (rank > 1 ? 0.01 : 0));
  if (isRegistered(kernel)) {
    const attrs = { rates: values.map(() => rate), weightDecays: decays, scale, momentum: 0.9, betas, step };
    return runList(kernel, [...values, ...gradients, ...moments], attrs);
  }
  const sizes = values.map(({ size }) => size);
  const split = moments.map((moment) => tf.split(moment, sizes));
  const updated = values.map((w, i) => {
    const g = tf.mul(gradients[i]!, scale);
    const [first, second] = split.map((list) => tf.reshape(list[i]!, w.shape));
    if (rule === 'sgd') {
      const velocity = tf.add(tf.add(tf.mul(first!, 0.9), g), tf.mul(w, decays[i]!));
      return [tf.sub(w, tf.mul(velocity, rate)), velocity];
    }
    const mean = tf.add(tf.mul(first!, betas[0]), tf.mul(g, 1 - betas[0]));
    const square = tf.add(tf.mul(second!, betas[1]), tf.mul(tf.square(g), 1 - betas[1]));
    const root = tf.add(tf.sqrt(tf.div(square, 1 - betas[1] ** step)), 1e-8);
    const change = tf.mul(tf.div(tf.div(mean, 1 - betas[0] ** step), root), rate);
    return [tf.sub(tf.mul(w, 1 - rate * decays[i]!), change), mean, square];
  });
  const joined = moments.map((_, j) => tf.concat(updated.map((list) => tf.reshape(list[j + 1]!, [-1]))));
  return [...updated.map(([first]) => first!), ...joined];
}
