import { util, type DataType, type KernelBackend, type TensorInfo } from '@tensorflow/tfjs-core';

/** What TensorFlow.js's WebGPU backend wants of a program; WebGPUProgram, as far as it is used here. */
interface WebgpuProgram {
  variableNames: string[];
  variableComponents: number[];
  outputComponent: number;
  outputShape: number[];
  shaderKey: string;
  dispatchLayout: { x: number[] };
  dispatch: [number, number, number];
  workgroupSize: [number, number, number];
  atomic: boolean;
  uniforms: string;
  getUserCode(): string;
}

/** The part of WebGPUBackend used here. */
export interface WebgpuBackend extends KernelBackend {
  runWebGPUProgram(
    program: WebgpuProgram,
    inputs: TensorInfo[],
    dtype: DataType,
    uniforms: { type: 'int32' | 'float32'; data: number[] }[],
    output?: TensorInfo,
  ): TensorInfo;
  disposeData(dataId: TensorInfo['dataId']): boolean;
}

/** A kernel with one thread for each of `count` values: its WGSL defines `valueAt(index: i32)`, or `main` itself. */
export interface Dispatch {
  /** Equal names, equal WGSL; shapes come as uniforms. */
  name: string;
  wgsl: () => string;
  inputs: Record<string, TensorInfo>;
  /** Inputs whose arrays are of vec4, as the output then is. */
  vectors?: readonly string[];
  outputShape: number[];
  dtype?: DataType;
  ints: Record<string, number>;
  floats?: Record<string, number>;
  count: number;
  threads?: number;
  /** A tensor of int32 that is added to, `array<atomic<i32>>`, instead of a new one. */
  addTo?: TensorInfo;
}

/** As TensorFlow.js's own kernels have. */
const THREADS = 64;

const flat = (info: TensorInfo): TensorInfo => ({ ...info, shape: [util.sizeFromShape(info.shape)] });

/** Records one dispatch on the backend's command encoder. */
export function dispatch(backend: WebgpuBackend, what: Dispatch): TensorInfo {
  const { name, wgsl, inputs, vectors = [], outputShape, ints, floats = {}, count, addTo } = what;
  const { threads = THREADS } = what;
  const names = Object.keys(inputs);
  const program: WebgpuProgram = {
    variableNames: names,
    variableComponents: names.map((input) => (vectors.includes(input) ? 4 : 1)),
    outputComponent: vectors.length > 0 ? 4 : 1,
    // Flat, since the backend compiles once more for each new rank and each coincidence of shapes.
    outputShape: [util.sizeFromShape(outputShape)],
    shaderKey: `roikit ${name}`,
    dispatchLayout: { x: [0] },
    dispatch: [Math.ceil(count / threads), 1, 1],
    workgroupSize: [threads, 1, 1],
    atomic: addTo !== undefined,
    uniforms: [
      ...['count', ...Object.keys(ints)].map((key) => `${key}: i32,`),
      ...Object.keys(floats).map((key) => `${key}: f32,`),
    ].join(' '),
    getUserCode: wgsl,
  };
  const values = [
    ...[count, ...Object.values(ints)].map((value) => ({ type: 'int32' as const, data: [value] })),
    ...Object.values(floats).map((value) => ({ type: 'float32' as const, data: [value] })),
  ];
  const target = addTo === undefined ? undefined : flat(addTo);
  const tensors = Object.values(inputs).map(flat);
  const out = backend.runWebGPUProgram(program, tensors, what.dtype ?? 'float32', values, target);
  return { ...out, shape: outputShape };
}
