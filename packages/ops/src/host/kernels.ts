import { registerKernel, type NamedAttrMap, type TensorInfo } from '@tensorflow/tfjs-core';
import type { RoiAlignAttrs } from '../roiAlign';
import type { RoiPoolAttrs } from '../roiPool';
import type { SpatialPyramidPoolAttrs } from '../spatialPyramidPool';
import { hostMemories, type HostMemory } from './memory';
import { poolRegions, poolRegionsGrad, type RegionInputs } from './regions';
import { roiAlignTaps } from './roiAlignTaps';
import { roiPoolTaps } from './roiPoolTaps';
import { spatialPyramidTaps } from './spatialPyramidTaps';
import type { Pooling } from './workspace';

type Kernel = (memory: HostMemory, inputs: Record<string, TensorInfo>, attrs: NamedAttrMap) => TensorInfo;

function register(kernelName: string, kernel: Kernel): void {
  for (const [backendName, memoryOf] of Object.entries(hostMemories)) {
    registerKernel({
      kernelName,
      backendName,
      kernelFunc: ({ inputs, backend, attrs }) =>
        kernel(memoryOf(backend as never), inputs as Record<string, TensorInfo>, attrs ?? {}),
    });
  }
}

/** Registers an operation over regions and its gradient, on every backend whose tensors JavaScript can read. */
function registerPooling<Attrs>(
  name: string,
  poolingOf: (attrs: Attrs) => Pooling,
  outShape: (regions: number, channels: number, attrs: Attrs) => number[],
): void {
  register(name, (memory, inputs, attrs) => {
    const { features, boxIndices } = inputs as RegionInputs;
    const shape = outShape(boxIndices.shape[0]!, features.shape[3]!, attrs as Attrs);
    return poolRegions(memory, inputs as RegionInputs, poolingOf(attrs as Attrs), shape);
  });
  register(`${name}Grad`, (memory, inputs, attrs) =>
    poolRegionsGrad(memory, inputs as RegionInputs & { dy: TensorInfo }, poolingOf(attrs as Attrs)),
  );
}

registerPooling<RoiPoolAttrs>(
  'RoiPool',
  ({ outputSize, spatialScale }) => ({
    reduce: 'max',
    grids: [outputSize],
    writeTaps: (taps, from, to, bins) => roiPoolTaps(taps, from, to, bins, spatialScale),
  }),
  (regions, channels, { outputSize }) => [regions, ...outputSize, channels],
);

registerPooling<RoiAlignAttrs>(
  'RoiAlign',
  (attrs) => ({
    reduce: 'sum',
    grids: [attrs.outputSize],
    writeTaps: (taps, from, to, bins) => roiAlignTaps(taps, from, to, bins, attrs),
  }),
  (regions, channels, { outputSize }) => [regions, ...outputSize, channels],
);

registerPooling<SpatialPyramidPoolAttrs>(
  'SpatialPyramidPool',
  (attrs) => ({
    reduce: 'max',
    grids: attrs.levels.map((n) => [n, n] as const),
    sources: attrs.bins === 'adaptive' ? attrs.levels.map((n) => finerLevel(n, attrs.levels)) : undefined,
    writeTaps: (taps, from, to, n) => spatialPyramidTaps(taps, from, to, n, attrs),
  }),
  (regions, channels, { levels }) => [regions, levels.reduce((sum, n) => sum + n * n, 0) * channels],
);

/**
 * The level, by its position, whose bins are parts of those of a level of n: the bins ⌊p·a/n⌋ … ⌈(p+1)·a/n⌉ are unions of k
 * times as many, whatever a is. The least of those there are has the fewest bins to look at.
 */
function finerLevel(n: number, levels: readonly number[]): number | undefined {
  const finer = levels.filter((other) => other > n && other % n === 0);
  return finer.length === 0 ? undefined : levels.indexOf(Math.min(...finer));
}
