import {
  engine,
  registerKernel,
  type NamedAttrMap,
  type Tensor,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import type { RoiAlignAttrs } from '../roiAlign';
import type { RoiPoolAttrs } from '../roiPool';
import type { SpatialPyramidPoolAttrs } from '../spatialPyramidPool';
import { webgl, type GpuBackend, type RegionProgram, type WebglBackend } from './webgl';
import { roiPoolBinRange, spatialPyramidBinRange } from './binRange';
import type { Dialect } from './dialect';
import { maxPool, maxPoolArgmax, maxPoolGrad, roiAlign, roiAlignGrad } from './shaders';

type Inputs = Record<'features' | 'boxes' | 'boxIndices' | 'dy', TensorInfo>;
type Shape4D = [number, number, number, number];
type Kernel<Attrs> = (gpu: GpuBackend, inputs: Inputs, attrs: Attrs) => TensorInfo;

function register<Attrs>(kernelName: string, kernel: Kernel<Attrs>): void {
  registerKernel({
    kernelName,
    backendName: 'webgl',
    kernelFunc: ({ inputs, backend, attrs }) =>
      kernel(webgl(backend as WebglBackend), inputs as Inputs, attrs as NamedAttrMap as Attrs),
  });
}

const zeros = (shape: number[]): Tensor =>
  engine().runKernel('Fill', {}, { shape, value: 0, dtype: 'float32' });

function run(
  gpu: GpuBackend,
  { features, boxIndices }: Inputs,
  program: Pick<RegionProgram, 'key' | 'outputShape' | 'source'>,
  inputs: Record<string, TensorInfo>,
): TensorInfo {
  const regions = boxIndices.shape[0]!;
  // A shader cannot bind a tensor without elements.
  if (regions === 0) return zeros(program.outputShape);
  const [variableNames, values] = [Object.keys(inputs), Object.values(inputs)];
  return gpu.run({ ...program, variableNames, features: features.shape as Shape4D, regions }, values);
}

interface MaxPooling {
  key: string;
  size: [rows: number, columns: number];
  binRange(dialect: Dialect): string;
}

const pooledShape = ({ features, boxes }: Inputs, size: [number, number]): Shape4D => [
  boxes.shape[0]!,
  ...size,
  features.shape[3]!,
];

function runMaxPool(gpu: GpuBackend, inputs: Inputs, { key, size, binRange }: MaxPooling): TensorInfo {
  const { features, boxes, boxIndices } = inputs;
  return run(
    gpu,
    inputs,
    {
      key,
      outputShape: pooledShape(inputs, size),
      source: (d, extents) => maxPool(d, binRange(d), extents, size),
    },
    { features, boxes, boxIndices },
  );
}

/** Finds each bin's argmax once, so that a feature need only compare. */
function runMaxPoolGrad(gpu: GpuBackend, inputs: Inputs, { key, size, binRange }: MaxPooling): TensorInfo {
  const { features, boxes, boxIndices, dy } = inputs;
  if (boxIndices.shape[0] === 0) return zeros(features.shape);
  const argmax = run(
    gpu,
    inputs,
    {
      key: `${key}Argmax`,
      outputShape: pooledShape(inputs, size),
      source: (d, extents) => maxPoolArgmax(d, binRange(d), extents, size),
    },
    { features, boxes, boxIndices },
  );
  const dx = run(
    gpu,
    inputs,
    {
      key: `${key}Grad`,
      outputShape: features.shape as Shape4D,
      source: (d, extents) => maxPoolGrad(d, binRange(d), extents, size),
    },
    { dy, argmax, boxes, boxIndices },
  );
  gpu.dispose(argmax);
  return dx;
}

const roiPooling = (attrs: RoiPoolAttrs): MaxPooling => ({
  key: `RoiPool${JSON.stringify(attrs)}`,
  size: attrs.outputSize,
  binRange: (d) => roiPoolBinRange(d, attrs),
});
register<RoiPoolAttrs>('RoiPool', (gpu, inputs, attrs) => runMaxPool(gpu, inputs, roiPooling(attrs)));
register<RoiPoolAttrs>('RoiPoolGrad', (gpu, inputs, attrs) => runMaxPoolGrad(gpu, inputs, roiPooling(attrs)));

register<RoiAlignAttrs>('RoiAlign', (gpu, inputs, attrs) => {
  const { features, boxes, boxIndices } = inputs;
  const outputShape = pooledShape(inputs, attrs.outputSize);
  const key = `RoiAlign${JSON.stringify(attrs)}`;
  const source: RegionProgram['source'] = (d, extents) => roiAlign(d, attrs, extents);
  return run(gpu, inputs, { key, outputShape, source }, { features, boxes, boxIndices });
});
register<RoiAlignAttrs>('RoiAlignGrad', (gpu, inputs, attrs) => {
  const { features, boxes, boxIndices, dy } = inputs;
  const key = `RoiAlignGrad${JSON.stringify(attrs)}`;
  const source: RegionProgram['source'] = (d, extents) => roiAlignGrad(d, attrs, extents);
  return run(gpu, inputs, { key, outputShape: features.shape as Shape4D, source }, { dy, boxes, boxIndices });
});

/** One level of a pyramid is a kernel of its own: see spatialPyramid.ts. */
const level = (attrs: SpatialPyramidPoolAttrs): MaxPooling => {
  const n = attrs.levels[0]!;
  return {
    key: `SpatialPyramidLevel${JSON.stringify(attrs)}`,
    size: [n, n],
    binRange: (d) => spatialPyramidBinRange(d, attrs),
  };
};
register<SpatialPyramidPoolAttrs>('SpatialPyramidLevel', (gpu, inputs, attrs) =>
  runMaxPool(gpu, inputs, level(attrs)),
);
register<SpatialPyramidPoolAttrs>('SpatialPyramidLevelGrad', (gpu, inputs, attrs) =>
  runMaxPoolGrad(gpu, inputs, level(attrs)),
);
