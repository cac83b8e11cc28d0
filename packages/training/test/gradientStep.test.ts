import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { gradientStep, Optimizer } from '../src';
import { useTestEngine } from '../../engine/test/testEngine';

beforeAll(useTestEngine);

const rows = [
  [1, 2, -1],
  [0.5, -3, 2],
  [4, 1, 0],
  [-2, 0.25, 1],
  [3, 3, -2],
];

/** One step of a regression on `rows`, whose loss terms are sums over them, in as many shares as `starts` begins. */
async function stepped(starts: number[]) {
  const weights = tf.variable(tf.tensor2d([0.1, -0.2, 0.3], [3, 1]), true, undefined);
  const optimizer = new Optimizer([{ variables: new Map([['weights', weights]]), factor: 1 }], {
    clipNorm: 2,
  });
  const forwards = starts.map((start, i) => () => {
    const output = tf.matMul(
      tf.tensor2d(rows.slice(start, starts[i + 1] ?? rows.length)),
      weights as tf.Tensor2D,
    );
    return {
      squares: tf.sum(tf.square(tf.sub(output, 1))) as tf.Scalar,
      size: tf.sum(tf.abs(output)) as tf.Scalar,
    };
  });
  const before = tf.memory().numTensors;
  const forward = forwards.length === 1 ? forwards[0]! : forwards;
  const losses = await gradientStep(optimizer, forward, { learningRate: 0.1, where: () => 'here' });
  const kept = tf.memory().numTensors - before;
  const after = [...(await weights.data())];
  optimizer.dispose();
  weights.dispose();
  return { losses, after, kept };
}

test.each([[[0, 2]], [[0, 1, 4]], [[0, 1, 2, 3, 4]]])(
  'a step in shares that begin at %j is the step at once',
  async (starts) => {
    const whole = await stepped([0]);
    const shared = await stepped(starts);
    expect(Object.keys(shared.losses)).toEqual(['total', 'squares', 'size']);
    for (const [name, loss] of Object.entries(whole.losses))
      expect(shared.losses[name]).toBeCloseTo(loss!, 4);
    shared.after.forEach((weight, i) => expect(weight).toBeCloseTo(whole.after[i]!, 6));
    expect(whole.after[0]).not.toBeCloseTo(0.1, 3);
    expect(shared.kept).toBe(0);
  },
);
