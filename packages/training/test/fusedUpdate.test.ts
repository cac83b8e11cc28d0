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

type Numbers = number[] | Float32Array;
type Compute = (inputs: Numbers[], attrs: Attrs) => Numbers[];

/** Registers a kernel on lists of numbers; `calls` counts. */
function register(kernelName: string, compute: Compute) {
  const seen = { calls: 0 };
  tf.registerKernel({
    kernelName,
    backendName: 'cpu',
    kernelFunc: ({ inputs, attrs, backend }) => {
      seen.calls++;
      const cpu = backend as { readSync(id: object): Float32Array } & tf.KernelBackend;
      const infos = inputs as unknown as tf.TensorInfo[];
      const outputs = compute(
        infos.map(({ dataId }) => cpu.readSync(dataId)),
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

/** Of kernels' inputs: values by parameter, gradients by parameter, and moments, each of all parameters. */
function parametersOf(given: Numbers[], count: number) {
  const inputs = given.map((list) => [...list]);
  const [values, gradients] = [inputs.slice(0, count), inputs.slice(count, 2 * count)];
  const moments = inputs.slice(2 * count);
  let start = 0;
  return values.map((w, p) => {
    const [from, to] = [start, (start += w.length)];
    return { w, g: gradients[p]!, moments: moments.map((moment) => moment.slice(from, to)) };
  });
}

/** Outputs: values by parameter, and moments, each of all parameters. */
const outputsOf = (updated: { w: number[]; moments: number[][] }[]) => [
  ...updated.map(({ w }) => w),
  ...updated[0]!.moments.map((_, j) => updated.flatMap(({ moments }) => moments[j]!)),
];

const sgd = (inputs: Numbers[], { rates, weightDecays, scale, momentum }: Attrs) =>
  outputsOf(
    parametersOf(inputs, rates.length).map(({ w, g, moments: [v] }, p) => {
      const moved = v!.map((value, i) => momentum * value + scale * g[i]! + weightDecays[p]! * w[i]!);
      return { w: w.map((value, i) => value - rates[p]! * moved[i]!), moments: [moved] };
    }),
  );

const adamw = (inputs: Numbers[], { rates, weightDecays, scale, betas: [b1, b2], step }: Attrs) =>
  outputsOf(
    parametersOf(inputs, rates.length).map(({ w, g, moments: [m, v] }, p) => {
      const first = m!.map((value, i) => b1 * value + (1 - b1) * scale * g[i]!);
      const second = v!.map((value, i) => b2 * value + (1 - b2) * (scale * g[i]!) ** 2);
      const next = w.map((value, i) => {
        const hat = Math.sqrt(second[i]! / (1 - b2 ** step)) + 1e-8;
        return value * (1 - rates[p]! * weightDecays[p]!) - (rates[p]! * first[i]!) / (1 - b1 ** step) / hat;
      });
      return { w: next, moments: [first, second] };
    }),
  );

/** Two groups: a matrix, and biases at a tenth of the rate. */
function twoGroups() {
  const matrix = tf.variable(tf.tensor2d([0.5, -1.25, 2, 0.125, 1, 3], [3, 2]));
  const bias = tf.variable(tf.tensor1d([0.25, -0.5]));
  const groups = [
    { variables: new Map([['w', matrix]]), factor: 1 },
    { variables: new Map([['b', bias]]), factor: 0.1 },
  ];
  return { matrix, bias, groups };
}

/** Weights after three clipped steps. */
function trained(options: OptimizerOptions): number[] {
  const { matrix, bias, groups } = twoGroups();
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

  test('its state is that of one parameter after the other, and is taken up again', async () => {
    const run = async (fused: boolean) => {
      if (fused) register('FusedAdamW', adamw);
      const { matrix, bias, groups } = twoGroups();
      const [optimizer, other] = [0, 1].map(() => new Optimizer(groups, { type: 'adamw' }));
      const grads = {
        [bias.name]: tf.tensor1d([1, -2]),
        [matrix.name]: tf.tensor2d([3, -1, 0.5, 2, -4, 0.25], [3, 2]),
      };
      optimizer!.step(grads, { learningRate: 0.05, norm: 1 });
      const state = await optimizer!.state();
      other!.restore(state);
      return { state, again: await other!.state() };
    };
    const [plain, fused] = [await run(false), await run(true)];
    expect([...fused.state.keys()]).toEqual([...plain.state.keys()]);
    for (const [name, { shape, data }] of plain.state) {
      const entry = fused.state.get(name)!;
      expect(entry.shape).toEqual(shape);
      data.forEach((value, i) => expect(entry.data[i]).toBeCloseTo(value as number, 6));
    }
    expect(fused.again).toEqual(fused.state);
  });

  test('no more than a binding holds at once, each parameter with its own numbers', async () => {
    const rates: number[][] = [];
    const unchanged: Compute = (inputs, attrs) => {
      rates.push(attrs.rates);
      return [...inputs.slice(0, attrs.rates.length), inputs.at(-1)!];
    };
    register('FusedSgd', unchanged);
    const sizes = [3, 2 ** 23 - 3, 1, 5];
    const groups = sizes.map((size, i) => ({
      variables: new Map([[`w${i}`, tf.variable(tf.zeros([size]))]]),
      factor: i + 1,
    }));
    const optimizer = new Optimizer(groups);
    const gradients = Object.fromEntries(
      optimizer.variables.map(({ name, shape }) => [name, tf.zeros(shape)]),
    );
    optimizer.step(gradients, { learningRate: 1, norm: 0 });
    expect(rates).toEqual([
      [1, 2],
      [3, 4],
    ]);
    const state = await optimizer.state();
    expect(sizes.map((_, i) => state.get(`w${i}.0`)!.data.length)).toEqual(sizes);
    tf.dispose([...optimizer.variables, ...Object.values(gradients)]);
    optimizer.dispose();
  });

  test('the global norm too', () => {
    const gradients = { a: tf.tensor1d([3, 0]), b: tf.tensor2d([[0], [4], [12]]) };
    expect(globalNorm(gradients).dataSync()[0]).toBeCloseTo(13, 5);
    const seen = register('GlobalNorm', (inputs) => [
      [Math.hypot(...inputs.flatMap((list) => [...list])) + 1],
    ]);
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
