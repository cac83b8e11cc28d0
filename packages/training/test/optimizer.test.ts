import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { Optimizer, type OptimizerOptions, resolveOptimizerOptions, withoutUndefined } from '../src';

/** Weights and gradients of the published recipes, in plain numbers. */
const weight = [0.5, -1.25, 2, 0.125];
const gradients = [
  [0.3, -0.2, 0.1, 0.9],
  [-0.1, 0.4, 0.2, 0.7],
  [0.25, 0.1, -0.6, 0.2],
];
const rate = 0.05;

function run(options: OptimizerOptions, factor = 1): number[] {
  const variable = tf.variable(tf.tensor2d(weight, [2, 2]));
  const optimizer = new Optimizer([{ variables: new Map([['w', variable]]), factor }], options);
  for (const gradient of gradients) {
    optimizer.step({ [variable.name]: tf.tensor2d(gradient, [2, 2]) }, { learningRate: rate, norm: 1 });
  }
  const result = Array.from(variable.dataSync());
  optimizer.dispose();
  variable.dispose();
  return result;
}

function expectClose(got: number[], expected: number[]) {
  got.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 5));
}

describe('Optimizer', () => {
  test('SGD with momentum and L2 decay, written out', () => {
    const expected = weight.map((start, i) => {
      let [w, v] = [start, 0];
      for (const gradient of gradients) {
        v = 0.9 * v + gradient[i]! + 0.01 * w;
        w -= rate * v;
      }
      return w;
    });
    expectClose(run({ type: 'sgd', momentum: 0.9, weightDecay: 0.01 }), expected);
  });

  test('AdamW (Loshchilov & Hutter 2019, Algorithm 2), written out', () => {
    const expected = weight.map((start, i) => {
      let [w, m, v] = [start, 0, 0];
      gradients.forEach((gradient, t) => {
        m = 0.9 * m + 0.1 * gradient[i]!;
        v = 0.999 * v + 0.001 * gradient[i]! ** 2;
        const [mHat, vHat] = [m / (1 - 0.9 ** (t + 1)), v / (1 - 0.999 ** (t + 1))];
        w = w * (1 - rate * 0.01) - (rate * mHat) / (Math.sqrt(vHat) + 1e-8);
      });
      return w;
    });
    expectClose(run({ type: 'adamw', weightDecay: 0.01 }), expected);
  });

  test('a group of factor 0.1 moves as with a tenth of the rate', () => {
    const options = { type: 'sgd', momentum: 0, weightDecay: 0 } as const;
    const [full, tenth] = [run(options), run(options, 0.1)];
    expectClose(
      tenth.map((w, i) => (w - weight[i]!) * 10),
      full.map((w, i) => w - weight[i]!),
    );
  });

  test('clipNorm scales the gradients down to that global norm', () => {
    const norm = (options: OptimizerOptions) => {
      const variable = tf.variable(tf.zeros([2, 2]));
      const optimizer = new Optimizer([{ variables: new Map([['w', variable]]), factor: 1 }], options);
      optimizer.step({ [variable.name]: tf.tensor2d([3, 0, 0, 4], [2, 2]) }, { learningRate: 1, norm: 5 });
      return Math.hypot(...variable.dataSync());
    };
    expect(norm({ momentum: 0, clipNorm: 0.5 })).toBeCloseTo(0.5, 5);
    expect(norm({ momentum: 0, clipNorm: 50 })).toBeCloseTo(5, 5);
  });

  test('biases are not decayed', () => {
    const bias = tf.variable(tf.tensor1d([1, 2]));
    const optimizer = new Optimizer([{ variables: new Map([['b', bias]]), factor: 1 }], {
      momentum: 0,
      weightDecay: 0.5,
    });
    optimizer.step({ [bias.name]: tf.zeros([2]) }, { learningRate: 1, norm: 0 });
    expect(Array.from(bias.dataSync())).toEqual([1, 2]);
  });

  test('looks at the variables of its groups and no others', () => {
    const [a, b, other] = [1, 2, 3].map((value) => tf.variable(tf.tensor1d([value])));
    const groups = [
      { variables: new Map([['a', a!]]), factor: 1 },
      { variables: new Map([['b', b!]]), factor: 0.1 },
    ];
    const optimizer = new Optimizer(groups);
    expect(optimizer.variables).toEqual([a, b]);
    optimizer.dispose();
    tf.dispose([a!, b!, other!]);
  });

  test("another detector's state is refused", async () => {
    const small = new Optimizer([{ variables: new Map([['w', tf.variable(tf.zeros([2]))]]), factor: 1 }]);
    const large = new Optimizer([{ variables: new Map([['w', tf.variable(tf.zeros([3]))]]), factor: 1 }]);
    expect(() => large.restore(new Map())).toThrow(/entry steps: expected 1 values, got none/);
    const state = await small.state();
    expect(() => large.restore(state)).toThrow(/expected 3 values, got 2\); resume with the options/);
  });
});

test('what is undefined is not given, and has its default', () => {
  const none = { type: undefined, learningRate: undefined, momentum: undefined, clipNorm: undefined };
  expect(resolveOptimizerOptions(none)).toEqual(resolveOptimizerOptions());
  expect(Object.values(resolveOptimizerOptions(none))).not.toContain(undefined);
  const of = withoutUndefined;
  const kept = { list: [1, undefined], array: Float32Array.of(1), nothing: null, call: () => 1 };
  expect(of({ ...kept, a: undefined, b: { c: undefined, d: 0 } })).toStrictEqual({ ...kept, b: { d: 0 } });
  class Own {
    x = undefined;
  }
  const own = new Own();
  expect(of(own)).toBe(own);
  expect(of(undefined)).toBe(undefined);
});

test('defaults of the optimizer are the paper’s', () => {
  const common = {
    momentum: 0.9,
    betas: [0.9, 0.999],
    weightDecay: 0.0005,
    clipNorm: null,
  };
  expect(() => resolveOptimizerOptions({ learningRate: -1 })).toThrow(/^Optimizer: learningRate: .*>0/);
  expect(() => resolveOptimizerOptions({ type: 'adamw', betas: [0.9, 1] })).toThrow(
    /^Optimizer: betas\.1: .*<1/,
  );
  expect(resolveOptimizerOptions()).toEqual({ type: 'sgd', learningRate: 0.001, ...common });
  expect(resolveOptimizerOptions({ type: 'adamw' })).toEqual({
    type: 'adamw',
    learningRate: 0.001,
    ...common,
  });
});
