import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { useEngine } from '../src/index';
import { newRun, trainOn } from './smallNet';
import { gpuBytes, watchGpu } from './watchGpu';
import { startWebgpu } from './webgpuInNode';

const started = await startWebgpu();

describe.skipIf(!started).each(['sgd', 'adamw'] as const)('training on webgpu in Node, %s', (rule) => {
  beforeAll(async () => {
    await useEngine('wasm');
  });

  const difference = (a: number[], b: number[]) => Math.max(...a.map((value, i) => Math.abs(value - b[i]!)));

  it('one step is wasm’s, and so is a run that was stopped and resumed', async () => {
    const expected = await onWasm(() => newRun(rule).then((run) => trainOn(run, 3)));
    await useEngine('webgpu');
    const start = await newRun(rule);
    const first = await trainOn(start, 1);
    const step = await onWasm(() => trainOn(start, 1));
    expect(difference(first.run.values.flat(), step.run.values.flat())).toBeLessThan(1e-4);
    await useEngine('webgpu');
    const whole = await trainOn(start, 3);
    const rest = await trainOn(first.run, 2);
    expect([...first.losses, ...rest.losses]).toEqual(whole.losses);
    expect(rest.run).toEqual(whole.run);
    expect(difference(whole.losses, expected.losses)).toBeLessThan(1e-3);
  }, 180_000);

  it('compiles nothing after the first steps, reads nothing at once, keeps nothing after many', async () => {
    const steps = rule === 'sgd' ? 30 : 15; // a hundred: engines.test.ts
    await useEngine('webgpu');
    const start = await newRun(rule);
    await trainOn(start, 5);
    const before = [tf.memory().numTensors, await gpuBytes()];
    const work = await watchGpu(() => trainOn(start, steps));
    expect(work).toMatchObject({ pipelines: 0, reads: 0 });
    expect([tf.memory().numTensors, await gpuBytes()]).toEqual(before);
    expect(work.dispatches / steps).toBeLessThan(100);
    const { losses } = work.result;
    const mean = (list: number[]) => list.reduce((sum, loss) => sum + loss, 0) / list.length;
    expect(mean(losses.slice(-4))).toBeLessThan(0.95 * mean(losses.slice(0, 4)));
  }, 180_000);
});

async function onWasm<Result>(f: () => Promise<Result>): Promise<Result> {
  await useEngine('wasm');
  return f();
}
