import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { randomTensor } from './cases';
import { adamwTwin, runList, runUpdate, sgdTwin, type PlainParameter } from './optimizers';
import { deviceHas, withoutFeatures } from './deviceFeatures';
import { gpuBytes } from './watchGpu';
import { startWebgpu } from './webgpuInNode';

const started = await startWebgpu();

/** Parameters of every rank, each with a rate and a decay of its own; second moments are not negative. */
async function parameters(count: number) {
  const plain: PlainParameter[] = [];
  const tensors: { values: tf.Tensor; gradient: tf.Tensor; moments: tf.Tensor[] }[] = [];
  for (const [i, shape] of [[3, 2, 4, 5], [5], [70, 9], [1], []].entries()) {
    const made = [0, 1, ...(count === 1 ? [2] : [2, 3])].map((kind) => {
      const random = randomTensor(shape, 10 * i + kind + 1);
      return kind === 3 ? tf.square(random) : random;
    });
    const [values, gradient, ...rest] = await Promise.all(
      made.map(async (tensor) => [...(await tensor.data())]),
    );
    plain.push({ values: values!, gradient: gradient!, moments: rest, rate: 0.1 / (i + 1), decay: 0.01 * i });
    const [w, g, ...moments] = made as [tf.Tensor, tf.Tensor, ...tf.Tensor[]];
    tensors.push({ values: w, gradient: g, moments });
  }
  return { plain, tensors };
}

async function worst(actual: tf.Tensor[], expected: number[][]): Promise<number> {
  expect(actual.map(({ size }) => size)).toEqual(expected.map(({ length }) => length));
  const values = await Promise.all(actual.map((tensor) => tensor.data()));
  return Math.max(...expected.flatMap((list, i) => list.map((value, j) => Math.abs(value - values[i]![j]!))));
}

const subgroups = started && deviceHas('subgroups');
if (started && !subgroups) console.warn('SKIPPED: the global norm with subgroups: this adapter has none');
const normRuns = [
  { name: 'plainly', withFeatures: <Result>(f: () => Result) => withoutFeatures(f) },
  ...(subgroups ? [{ name: 'by subgroups', withFeatures: <Result>(f: () => Result) => f() }] : []),
];

describe.skipIf(!started)('fused updates on webgpu', () => {
  beforeEach(() => tf.engine().startScope());
  afterEach(() => tf.engine().endScope());

  it('SGD is PyTorch’s, each parameter with its rate and decay', async () => {
    const { plain, tensors } = await parameters(1);
    const attrs = {
      rates: plain.map((p) => p.rate),
      weightDecays: plain.map((p) => p.decay),
      momentum: 0.9,
      scale: 0.3,
    };
    const [first] = tensors;
    const before = await first!.values.data();
    const updated = runUpdate('FusedSgd', tensors, attrs).flat();
    expect(
      await worst(
        updated,
        plain.flatMap((p) => sgdTwin(p, attrs)),
      ),
    ).toBeLessThan(1e-6);
    expect(updated.map(({ shape }) => shape)).toEqual(
      tensors.flatMap(({ values, moments }) => [values.shape, moments[0]!.shape]),
    );
    expect(await first!.values.data()).toEqual(before);
  });

  it('AdamW is Algorithm 2 of its paper', async () => {
    const { plain, tensors } = await parameters(2);
    const betas: [number, number] = [0.9, 0.99];
    const attrs = {
      rates: plain.map((p) => p.rate),
      weightDecays: plain.map((p) => p.decay),
      betas,
      step: 3,
      scale: 0.5,
    };
    const updated = runUpdate('FusedAdamW', tensors, attrs).flat();
    expect(
      await worst(
        updated,
        plain.flatMap((p) => adamwTwin(p, attrs)),
      ),
    ).toBeLessThan(1e-6);
  });

  it.each(normRuns)(
    'the global norm is that of all values as one vector, $name',
    async ({ withFeatures }) => {
      const tensors = [[7, 9], [1], [70_000], []].map((shape, i) => randomTensor(shape, i + 1));
      const values = (await Promise.all(tensors.map((tensor) => tensor.data()))).flatMap((list) => [...list]);
      const [norm] = withFeatures(() => runList('GlobalNorm', tensors, {}));
      expect(norm!.shape).toEqual([]);
      const [value] = await norm!.data();
      expect(value! / Math.hypot(...values)).toBeCloseTo(1, 6);
      const again = withFeatures(() => runList('GlobalNorm', tensors, {}))[0]!;
      expect((await again.data())[0]).toBe(value);
    },
  );

  it('leave nothing behind', async () => {
    const { plain, tensors } = await parameters(1);
    const attrs = { rates: plain.map(() => 0.1), weightDecays: plain.map(() => 0), momentum: 0.9 };
    const step = async () => {
      const gradients = tensors.map(({ gradient }) => gradient);
      const made = [...runUpdate('FusedSgd', tensors, attrs).flat(), ...runList('GlobalNorm', gradients, {})];
      await made.at(-1)!.data();
      tf.dispose(made);
      await tf.add(tensors[0]!.values, 0).data(); // submits, after which what was dropped is free
    };
    await step();
    const held = [tf.memory().numTensors, await gpuBytes()];
    tf.engine().startScope();
    for (let i = 0; i < 20; i++) await step();
    tf.engine().endScope();
    await tf.add(tensors[0]!.values, 0).data();
    expect(tf.memory().numTensors - held[0]!).toBeLessThanOrEqual(1);
    expect((await gpuBytes()) - held[1]!).toBeLessThanOrEqual(4 * tensors[0]!.values.size);
  });
});
