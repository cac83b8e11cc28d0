import { util, type DataType, type KernelBackend, type TensorInfo } from '@tensorflow/tfjs-core';
import type { GpuDevice, UsedFeature } from './device';

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
  atomic?: boolean;
  uniforms: string;
  getUserCode(): string;
}

/** The part of WebGPUBackend used here. */
export interface WebgpuBackend extends KernelBackend {
  device: GpuDevice;
  runWebGPUProgram(
    program: WebgpuProgram,
    inputs: TensorInfo[],
    dtype: DataType,
    uniforms: { type: 'int32' | 'float32'; data: number[] }[],
    output?: TensorInfo,
  ): TensorInfo;
  disposeData(dataId: TensorInfo['dataId']): boolean;
  incRef(dataId: TensorInfo['dataId']): void;
}

/** One dispatch. Its WGSL defines `main(index: i32)` and reads `uniforms.NAME`, and each input's array by its name. */
export interface Dispatch {
  /** Names the WGSL: equal names, equal text. Shapes come as uniforms, so that a step compiles nothing after the first. */
  name: string;
  wgsl: () => string;
  inputs: Record<string, TensorInfo>;
  /** Inputs, and `result`, that are `array<vec4<f32>>`; their sizes must be multiples of 4. */
  vectors?: readonly string[];
  outputShape: number[];
  dtype?: DataType;
  ints: Record<string, number>;
  floats?: Record<string, number>;
  workgroups: readonly [number, number, number];
  threads: number;
  /** The output is `array<atomic<i32>>`. */
  atomic?: boolean;
  /** Written instead of a new tensor. */
  output?: TensorInfo;
  /** A feature of the device that the WGSL uses. */
  enable?: UsedFeature | undefined;
}

const flat = <Info extends TensorInfo>(info: Info): Info => ({
  ...info,
  shape: [util.sizeFromShape(info.shape)],
});

/** Records one dispatch on the backend's command encoder. */
export function dispatch(backend: WebgpuBackend, what: Dispatch): TensorInfo {
  const {
    name,
    wgsl,
    inputs,
    vectors = [],
    outputShape,
    dtype = 'float32',
    ints,
    floats = {},
    workgroups,
    threads,
  } = what;
  const names = Object.keys(inputs);
  const declared = [
    ...Object.keys(ints).map((key) => `${key}: i32,`),
    ...Object.keys(floats).map((key) => `${key}: f32,`),
  ];
  const values = [
    ...Object.values(ints).map((value) => ({ type: 'int32' as const, data: [value] })),
    ...Object.values(floats).map((value) => ({ type: 'float32' as const, data: [value] })),
  ];
  const program: WebgpuProgram = {
    variableNames: names,
    variableComponents: names.map((input) => (vectors.includes(input) ? 4 : 1)),
    outputComponent: vectors.includes('result') ? 4 : 1,
    // Flat, since the backend compiles once more for each new rank and each coincidence of shapes.
    outputShape: [util.sizeFromShape(outputShape)],
    shaderKey: `roikit ${name}`,
    dispatchLayout: { x: [0] },
    dispatch: [...workgroups],
    workgroupSize: [threads, 1, 1],
    uniforms: declared.join(' '),
    getUserCode: wgsl,
    ...(what.atomic ? { atomic: true } : {}),
  };
  const tensors = Object.values(inputs).map(flat);
  const target = what.output === undefined ? undefined : flat(what.output);
  const record = () => backend.runWebGPUProgram(program, tensors, dtype, values, target);
  const out = what.enable === undefined ? record() : enabled(backend.device, what.enable, record);
  return { ...out, shape: outputShape };
}

/** Runs what may compile WGSL that uses a feature: it must say so before all else, and the backend writes first. */
function enabled<Result>(device: GpuDevice, feature: UsedFeature, run: () => Result): Result {
  const create = device.createShaderModule;
  const directive = `enable ${feature === 'shader-f16' ? 'f16' : feature};`;
  device.createShaderModule = (descriptor) =>
    create.call(device, { ...descriptor, code: `${directive}\n${descriptor.code}` });
  try {
    return run();
  } finally {
    device.createShaderModule = create;
  }
}

/** As TensorFlow.js's own kernels have that work value by value. */
const THREADS = 64;

/** A kernel with one thread for each value of its output. */
interface ValueDispatch extends Pick<Dispatch, 'name' | 'inputs' | 'vectors' | 'outputShape' | 'floats'> {
  /** Defines `valueAt(index: i32) -> f32`, or `-> vec4<f32>` where `result` is of those. */
  wgsl: () => string;
  ints?: Record<string, number>;
}

/** Records the dispatch of a kernel that works value by value. */
export function dispatchValues(backend: WebgpuBackend, what: ValueDispatch): TensorInfo {
  const lanes = what.vectors?.includes('result') ? 4 : 1;
  const count = util.sizeFromShape(what.outputShape) / lanes;
  return dispatch(backend, {
    ...what,
    wgsl: () => `${what.wgsl()}
    fn main(index: i32) {
      if (index < uniforms.count) { result[index] = valueAt(index); }
    }`,
    ints: { ...what.ints, count },
    workgroups: [Math.ceil(count / THREADS), 1, 1], // the backend folds a long row of them
    threads: THREADS,
  });
}
