import { registerKernel, type NamedAttrMap, type TensorInfo } from '@tensorflow/tfjs-core';
import { roiPoolBinRange, spatialPyramidBinRange } from '../gpu/binRange';
import { wgsl } from '../gpu/dialect';
import type { NormalizeImageAttrs } from '../normalizeImage';
import type { RoiAlignAttrs } from '../roiAlign';
import type { RoiPoolAttrs } from '../roiPool';
import type { SpatialPyramidPoolAttrs } from '../spatialPyramidPool';
import { maxPool, maxPoolGrad, type MaxPooling, type RegionInputs } from './maxPool';
import { normalizeImage } from './normalizeImage';
import type { WebgpuBackend } from './program';
import { roiAlign, roiAlignGrad } from './roiAlign';

type Kernel<Attrs, Inputs> = (backend: WebgpuBackend, inputs: Inputs, attrs: Attrs) => TensorInfo;

function register<Attrs, Inputs = RegionInputs>(kernelName: string, kernel: Kernel<Attrs, Inputs>): void {
  registerKernel({
    kernelName,
    backendName: 'webgpu',
    kernelFunc: ({ inputs, backend, attrs }) =>
      kernel(backend as WebgpuBackend, inputs as Inputs, attrs as NamedAttrMap as Attrs),
  });
}

function registerMaxPooling<Attrs>(name: string, poolingOf: (attrs: Attrs) => MaxPooling): void {
  register<Attrs>(name, (backend, inputs, attrs) => maxPool(backend, inputs, poolingOf(attrs)));
  register<Attrs>(`${name}Grad`, (backend, inputs, attrs) => maxPoolGrad(backend, inputs, poolingOf(attrs)));
}

registerMaxPooling<RoiPoolAttrs>('RoiPool', (attrs) => ({
  key: `RoiPool ${JSON.stringify(attrs)}`,
  size: attrs.outputSize,
  binRange: () => roiPoolBinRange(wgsl, attrs),
}));

registerMaxPooling<SpatialPyramidPoolAttrs>('SpatialPyramidLevel', (attrs) => ({
  key: `SpatialPyramidLevel ${JSON.stringify(attrs)}`,
  size: [attrs.levels[0]!, attrs.levels[0]!],
  binRange: () => spatialPyramidBinRange(wgsl, attrs),
}));

register<RoiAlignAttrs>('RoiAlign', roiAlign);
register<RoiAlignAttrs>('RoiAlignGrad', roiAlignGrad);
register<NormalizeImageAttrs, { bytes: TensorInfo }>('NormalizeImage', normalizeImage);
