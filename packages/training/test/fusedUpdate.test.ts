import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, describe, expect, test } from 'vitest';
import { globalNorm, Optimizer, type OptimizerOptions } from '../src';

// Engines may bring one kernel for the update of all parameters: here two that compute in plain numbers.

interface Attrs {
  rates: number[];
  weightDecays: number[];
  scale: number;
  momentum: number;
  betas: [number, number];
  step: number;
}

const kernels = ['FusedSgd', 'FusedAdamW', 'GlobalNorm'];
afterEach(() => {
  for (const name of kernels) if (tf.getKernel(name, 'cpu')) tf.unregisterKernel(name, 'cpu');
});

/** Registers a kernel on lists of numbers; `calls` counts. */
function register(kernelName: string, compute: (inputs: number[][], attrs: Attrs) => number[][]) {
  const seen = { calls: 0 };
  tf.registerKernel({
    kernelName,
    backendName: 'cpu',
    kernelFunc: ({ inputs, attrs, backend }) => {
      seen.calls++;
      const cpu = backend as { readSync(id: object): Float32Array } & tf.KernelBackend;
      const infos = inputs as unknown as tf.TensorInfo[];
      const outputs = compute(
        infos.map(({ dataId }) => [...cpu.readSync(dataId)]),
        attrs as unknown as Attrs,
      );
      return outputs.map((values) => {
        const shape = infos.find((info) => tf.util.sizeFromShape(info.shape) === values.length)?.shape ?? [];
        return { dataId: cpu.write(Float32Array.from(values), shape, 'float32'), shape, dtype: 'float32' };
      });
    },
  });
  return seen;
}

const sgd = (inputs: number[][], { rates, weightDecays, scale, momentum }: Attrs) =>
  rates.flatMap((rate, p) => {
    const [w, g, v] = inputs.slice(3 * p, 3 * p + 3) as [number[], number[], number[]];
    const moved = v.map((value, i) => momentum * value + scale * g[i]! + weightDecays[p]! * w[i]!);
    return [w.map((value, i) => value - rate * moved[i]!), moved];
  });

const adamw = (inputs: number[][], { rates, weightDecays, scale, betas: [b1, b2], step }: Attrs) =>
  rates.flatMap((rate, p) => {
    const [w, g, m, v] = inputs.slice(4 * p, 4 * p + 4) as [number[], number[], number[], number[]];
    const first = m.map((value, i) => b1 * value + (1 - b1) * scale * g[i]!);
    const second = v.map((value, i) => b2 * value + (1 - b2) * (scale * g[i]!) ** 2);
    const next = w.map((value, i) => {
      const hat = Math.sqrt(second[i]! / (1 - b2 ** step)) + 1e-8;
      return value * (1 - rate * weightDecays[p]!) - (rate * first[i]!) / (1 - b1 ** step) / hat;
    });
    return [next, first, second];
  });

/** Weights after three clipped steps of two groups: a matrix, and biases at a tenth of the rate. */
function trained(options: OptimizerOptions): number[] {
  const matrix = tf.variable(tf.tensor2d([0.5, -1.25, 2, 0.125, 1, 3], [3, 2]));
  const bias = tf.variable(tf.tensor1d([0.25, -0.5]));
  const groups = [
    { variables: new Map([['w', matrix]]), factor: 1 },
    { variables: new Map([['b', bias]]), factor: 0.1 },
  ];
  const optimizer = new Optimizer(groups, options);
  for (let step = 1; step <= 3; step++) {
    const grads = {
      [bias.name]: tf.tensor1d([1 / step, -step]),
      [matrix.name]: tf.tensor2d([step, -1, 0.5, 2, -step, 0.25], [3, 2]),
    };
    const norm = globalNorm(grads).dataSync()[0]!;
    optimizer.step(grads, { learningRate: 0.05, norm });
  }
  const result = [...matrix.dataSync(), ...bias.dataSync()];
  optimizer.dispose();
  tf.dispose([matrix, bias]);
  return result;
}

describe('one kernel for all parameters', () => {
  test.each([
    ['FusedSgd', sgd, { type: 'sgd', momentum: 0.8, weightDecay: 0.03, clipNorm: 2 }],
    ['FusedAdamW', adamw, { type: 'adamw', betas: [0.8, 0.95], weightDecay: 0.03, clipNorm: 2 }],
  ] as const)('%s moves weights and moments as one parameter after the other', (name, compute, given) => {
    const options = structuredClone(given) as OptimizerOptions;
    const expected = trained(options);
    const seen = register(name, compute);
    const got = trained(options);
    expect(seen.calls).toBe(3);
    got.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 5));
    const other = options.type === 'sgd' ? 'adamw' : 'sgd';
    trained({ type: other });
    expect(seen.calls).toBe(3); // the other rule has no kernel
  });

  test('the global norm too', () => {
    const gradients = { a: tf.tensor1d([3, 0]), b: tf.tensor2d([[0], [4], [12]]) };
    expect(globalNorm(gradients).dataSync()[0]).toBeCloseTo(13, 5);
    const seen = register('GlobalNorm', (inputs) => [[Math.hypot(...inputs.flat()) + 1]]);
    expect(globalNorm(gradients).dataSync()[0]).toBeCloseTo(14, 5); // another number, to be told apart
    expect(seen.calls).toBe(1);
  });

  test('leaves no tensor behind', () => {
    register('FusedSgd', sgd);
    const before = tf.memory().numTensors;
    tf.tidy(() => void trained({ type: 'sgd', clipNorm: 1 }));
    expect(tf.memory().numTensors).toBe(before);
  });
});
