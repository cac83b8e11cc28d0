import { beforeAll, describe, expect, it } from 'vitest';
import { useEngine } from '../src/index';
import { kernelCases } from './kernelCases';
import { largestDifference, onBackend } from './onBackend';
import { startWebgpu } from './webgpuInNode';

const started = await startWebgpu();

describe.skipIf(!started)('kernels on webgpu in Node', () => {
  beforeAll(async () => {
    await useEngine('cpu');
    await useEngine('wasm');
  });

  it.each(kernelCases)('agree with the cpu backend: $name', async ({ run, reference = 'cpu' }) => {
    const expected = await onBackend(reference, run);
    expect(largestDifference(await onBackend('webgpu', run), expected)).toBeLessThan(2e-5);
  });
});
