// What this machine's GPU does through WebGPU, as JSON: node gpu.mjs, with the npm package webgpu installed beside it.
// node gpu.mjs tiny: sizes an eighth, to see on a software GPU that everything runs. Its twin: gpu_torch.py.
import { useEngine } from '../../src/index';
import { checkKernels } from './correctness';
import { timeDetector } from './detector';
import { timeKernels } from './kernels';
import { timeNetworks } from './networks';
import type { Timing } from './timing';

const tiny = process.argv[2] === 'tiny';
const shrink = (size: number): number => (tiny ? Math.max(32, Math.round(size / 8)) : size);
const note = (text: string) => console.error(`${(performance.now() / 1000).toFixed(1)} s  ${text}`);

const engine = await useEngine('webgpu');
note(`${engine.detail}; kernels against cpu`);
const correctness = await checkKernels();
note(`${correctness.failed.length} of ${correctness.cases} kernels differ; times`);
const table: Timing[] = [];
const errors: string[] = [];
for (const part of [timeDetector, timeNetworks, timeKernels]) {
  try {
    table.push(...(await part(shrink)));
  } catch (error) {
    errors.push(`${part.name}: ${(error as Error).message}`);
  }
  note(part.name);
}
const seconds = Math.round(performance.now() / 1000);
console.log(
  JSON.stringify(
    {
      gpu: engine.detail,
      ...engine.gpu,
      node: process.versions.node,
      tiny,
      seconds,
      correctness,
      errors,
      table,
    },
    null,
    2,
  ),
);
process.exitCode = correctness.failed.length + errors.length > 0 ? 1 : 0;
