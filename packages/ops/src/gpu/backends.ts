import { type KernelBackend, type TensorInfo } from '@tensorflow/tfjs-core';
import { glsl, wgsl, type Dialect } from './dialect';
import type { Extents } from './shaders';

/** A program with one value per element of a rank-4 output, each computed by the function `valueAt` of its source. */
export interface RegionProgram {
  /** Distinguishes programs, along with the source's own options. */
  key: string;
  variableNames: readonly string[];
  outputShape: [number, number, number, number];
  /** The shape of the feature map and the number of boxes. */
  features: [number, number, number, number];
  regions: number;
  source(dialect: Dialect, extents: Extents): string;
}

/** How a GPU backend runs a program and drops what came between. */
export interface GpuBackend {
  run(program: RegionProgram, inputs: TensorInfo[]): TensorInfo;
  dispose(info: TensorInfo): void;
}

/** The part of MathBackendWebGL used here. */
interface WebglBackend extends KernelBackend {
  runWebGLProgram(
    program: { variableNames: string[]; outputShape: number[]; userCode: string },
    inputs: TensorInfo[],
    dtype: 'float32',
  ): TensorInfo;
  disposeIntermediateTensorInfo(info: TensorInfo): void;
}

/** WebGL compiles a program for each set of shapes, so that shapes are numbers in its source. */
function webgl(backend: WebglBackend): GpuBackend {
  return {
    run: ({ variableNames, outputShape, features, regions, source }, inputs) => {
      const [images, height, width] = features.map(String) as [string, string, string];
      const userCode = `${source(glsl, { images, height, width, regions: String(regions) })}
      void main() {
        ivec4 at = getOutputCoords();
        setOutput(valueAt(at.x, at.y, at.z, at.w));
      }`;
      return backend.runWebGLProgram(
        { variableNames: [...variableNames], outputShape, userCode },
        inputs,
        'float32',
      );
    },
    dispose: (info) => backend.disposeIntermediateTensorInfo(info),
  };
}

/** The part of WebGPUBackend and its programs used here. */
interface WebgpuProgram {
  variableNames: string[];
  outputShape: number[];
  shaderKey: string;
  dispatchLayout: { x: number[] };
  dispatch: [number, number, number];
  workgroupSize: [number, number, number];
  size: true;
  uniforms: string;
  getUserCode(): string;
}

interface WebgpuBackend extends KernelBackend {
  runWebGPUProgram(
    program: WebgpuProgram,
    inputs: TensorInfo[],
    dtype: 'float32',
    uniforms: { type: 'int32'; data: number[] }[],
  ): TensorInfo;
  disposeData(dataId: TensorInfo['dataId']): boolean;
}

/** Threads of a workgroup; 64, as tfjs's own elementwise programs have. */
const WORKGROUP = 64;

/** WebGPU programs are compiled once for all shapes, which come as uniforms. */
function webgpu(backend: WebgpuBackend): GpuBackend {
  const extents: Extents = {
    images: 'uniforms.images',
    height: 'uniforms.height',
    width: 'uniforms.width',
    regions: 'uniforms.regions',
  };
  return {
    run: ({ key, variableNames, outputShape, features, regions, source }, inputs) => {
      const size = outputShape.reduce((product, side) => product * side, 1);
      const program: WebgpuProgram = {
        variableNames: [...variableNames],
        outputShape,
        shaderKey: key,
        dispatchLayout: { x: [0, 1, 2, 3] },
        dispatch: [Math.ceil(size / WORKGROUP), 1, 1],
        workgroupSize: [WORKGROUP, 1, 1],
        size: true,
        uniforms: 'images: i32, height: i32, width: i32, regions: i32,',
        getUserCode: () => `${source(wgsl, extents)}
        fn main(index: i32) {
          if (index < uniforms.size) {
            let at = getCoordsFromIndex(index);
            setOutputAtIndex(index, valueAt(at.x, at.y, at.z, at.w));
          }
        }`,
      };
      const uniforms = [...features.slice(0, 3), regions].map((value) => ({
        type: 'int32' as const,
        data: [value],
      }));
      return backend.runWebGPUProgram(program, inputs, 'float32', uniforms);
    },
    dispose: (info) => {
      backend.disposeData(info.dataId);
    },
  };
}

/** The backends that run shaders, by name: their packages are not loaded from here. */
export const gpuBackends: Record<string, (backend: KernelBackend) => GpuBackend> = {
  webgl: (backend) => webgl(backend as WebglBackend),
  webgpu: (backend) => webgpu(backend as WebgpuBackend),
};
