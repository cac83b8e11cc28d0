import { registerKernel, type NamedAttrMap, type TensorInfo } from '@tensorflow/tfjs-core';
import type { RoiPoolAttrs } from '../roiPool';
import { hostMemories, type HostMemory } from './memory';
import { poolRegions, poolRegionsGrad, type RegionInputs } from './regions';
import { roiPoolTaps } from './roiPoolTaps';
import type { Pooling } from './workspace';

function roiPooling({ outputSize, spatialScale }: RoiPoolAttrs): Pooling {
  return {
    reduce: 'max',
    grids: [outputSize],
    writeTaps: (taps, from, to, bins) => roiPoolTaps(taps, from, to, bins, spatialScale),
  };
}

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

registerPooling<RoiPoolAttrs>('RoiPool', roiPooling, (regions, channels, { outputSize }) => [
  regions,
  ...outputSize,
  channels,
]);
