import { type KernelBackend, type TensorInfo } from '@tensorflow/tfjs-core';
import { glsl, type Dialect } from './dialect';
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

/** How the backend runs a program and drops what came between. */
export interface GpuBackend {
  run(program: RegionProgram, inputs: TensorInfo[]): TensorInfo;
  dispose(info: TensorInfo): void;
}

/** The part of MathBackendWebGL used here. */
export interface WebglBackend extends KernelBackend {
  runWebGLProgram(
    program: { variableNames: string[]; outputShape: number[]; userCode: string },
    inputs: TensorInfo[],
    dtype: 'float32',
  ): TensorInfo;
  disposeIntermediateTensorInfo(info: TensorInfo): void;
}

/** WebGL compiles a program for each set of shapes, so that shapes are numbers in its source. */
export function webgl(backend: WebglBackend): GpuBackend {
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
