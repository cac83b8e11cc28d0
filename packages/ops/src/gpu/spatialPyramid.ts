import {
  addN,
  concat,
  engine,
  registerKernel,
  reshape,
  split,
  tidy,
  type NamedAttrMap,
  type Tensor,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import type { SpatialPyramidPoolAttrs } from '../spatialPyramidPool';

type Inputs = Record<'features' | 'boxes' | 'boxIndices' | 'dy', TensorInfo>;
type Kernel = (inputs: Inputs, attrs: SpatialPyramidPoolAttrs) => TensorInfo;

/** One level of a pyramid is a kernel of its own on either GPU backend; the pyramid joins them. */
function register(kernelName: string, kernel: Kernel): void {
  for (const backendName of ['webgl', 'webgpu']) {
    registerKernel({
      kernelName,
      backendName,
      kernelFunc: ({ inputs, attrs }) =>
        kernel(inputs as Inputs, attrs as NamedAttrMap as unknown as SpatialPyramidPoolAttrs),
    });
  }
}

function runLevel(
  kernelName: string,
  inputs: Partial<Inputs>,
  attrs: SpatialPyramidPoolAttrs,
  n: number,
): Tensor {
  const levelAttrs = { ...attrs, levels: [n] } as unknown as NamedAttrMap;
  return engine().runKernel(kernelName, inputs as Record<string, Tensor>, levelAttrs);
}

register('SpatialPyramidPool', ({ features, boxes, boxIndices }, attrs) =>
  tidy(() => {
    const levels = attrs.levels.map((n) => {
      const pooled = runLevel('SpatialPyramidLevel', { features, boxes, boxIndices }, attrs, n);
      return reshape(pooled, [boxes.shape[0]!, n * n * features.shape[3]!]);
    });
    return concat(levels, 1);
  }),
);
register('SpatialPyramidPoolGrad', ({ features, boxes, boxIndices, dy }, attrs) =>
  tidy(() => {
    const channels = features.shape[3]!;
    const sizes = attrs.levels.map((n) => n * n * channels);
    const levels = split(dy as Tensor, sizes, 1).map((part, i) => {
      const n = attrs.levels[i]!;
      const bins = reshape(part, [boxes.shape[0]!, n, n, channels]);
      return runLevel('SpatialPyramidLevelGrad', { features, boxes, boxIndices, dy: bins }, attrs, n);
    });
    return addN(levels);
  }),
);
