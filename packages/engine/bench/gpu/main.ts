// What this machine's GPU does through WebGPU, as JSON: node gpu.mjs, with the npm package webgpu installed beside it.
// --quick: sizes an eighth and each time taken once, to see that everything runs; so it is on a software GPU, unless --full
// is said. Every kernel is checked against cpu always. --float16: layers without gradients multiply in halves, where the GPU
// has shader-f16. Its twin: gpu_torch.py.
import { useEngine } from '../../src/index';
import { checkKernels } from './correctness';
import { timeDetector } from './detector';
import { timeGradients } from './gradients';
import { timeKernels, type Shrink } from './kernels';
import { timeNetworks } from './networks';
import { efforts, Stopwatch, type Timing } from './timing';

const note = (text: string) => console.error(`${(performance.now() / 1000).toFixed(1)} s  ${text}`);

const precision = process.argv.includes('--float16') ? 'float16' : 'float32';
const engine = await useEngine('webgpu', { precision });
const { isSoftware, featuresInUse } = engine.gpu!;
const isQuick = process.argv.includes('--quick') || (isSoftware && !process.argv.includes('--full'));
const shrink: Shrink = (size) => (isQuick ? Math.max(32, Math.round(size / 8)) : size);
const shrinkMap: Shrink = (side) => (isQuick ? Math.max(Math.min(side, 7), Math.round(side / 8)) : side);
const watch = new Stopwatch(efforts[isQuick ? 'quick' : 'full'], isSoftware);
note(`${engine.detail}; kernels against cpu`);
const correctness = await checkKernels(featuresInUse.includes('shader-f16'));
note(`${correctness.failed.length} of ${correctness.cases} kernels differ; times`);
const errors: string[] = [];

/** What a part measures, or nothing and its error. */
async function attempt<Result>(
  part: (shrink: Shrink, watch: Stopwatch) => Promise<Result[]>,
  shrink: Shrink,
) {
  try {
    return await part(shrink, watch);
  } catch (error) {
    errors.push(`${part.name}: ${(error as Error).message}`);
    return [];
  } finally {
    note(part.name);
  }
}

const table: Timing[] = [];
for (const part of [timeDetector, timeNetworks, timeKernels]) table.push(...(await attempt(part, shrink)));
const gradients = await attempt(timeGradients, shrinkMap);
const seconds = Math.round(performance.now() / 1000);
console.log(
  JSON.stringify(
    {
      gpu: engine.detail,
      ...engine.gpu,
      node: process.versions.node,
      quick: isQuick,
      seconds,
      correctness,
      errors,
      table,
      gradients,
    },
    null,
    2,
  ),
);
process.exitCode = correctness.failed.length + errors.length > 0 ? 1 : 0;
