import { useEngine } from '../../engine/src';
import { describe, expect, test } from 'vitest';
import { startWebgpu } from '../../engine/test/webgpuInNode';
import { keptByMany, trainTinyClassifier } from './webgpuRuns';

const started = await startWebgpu();
if (!started) console.warn('SKIPPED: classifiers on webgpu in Node');

const difference = (a: number[], b: number[]) => Math.max(...a.map((value, i) => Math.abs(value - b[i]!)));

describe.skipIf(!started).each(['sgd', 'adamw'] as const)('a classifier on webgpu in Node, %s', (type) => {
  test('trains as on wasm, and resumes to the same bits', async () => {
    await useEngine('wasm');
    const expected = await trainTinyClassifier(type);
    await useEngine('webgpu');
    const whole = await trainTinyClassifier(type);
    expect(whole.losses).toHaveLength(3);
    expect(difference(whole.losses, expected.losses)).toBeLessThan(1e-4);
    // AdamW's first steps are of the gradients' signs: one near zero may turn.
    expect(difference(whole.weights, expected.weights)).toBeLessThan(type === 'sgd' ? 1e-4 : 4e-3);
    expect(await trainTinyClassifier(type, { until: 1 })).toEqual(whole);
  }, 300_000);

  test('keeps no tensor and no buffer of a hundred steps', async () => {
    await useEngine('webgpu');
    const { after, steps, dispatches } = await keptByMany(type);
    expect(steps).toBeGreaterThanOrEqual(100);
    expect(dispatches).toBeGreaterThan(50 * steps);
    expect(after.last).toEqual(after.first);
  }, 300_000);
});
