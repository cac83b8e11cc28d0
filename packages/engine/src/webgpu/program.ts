import { util, type DataType, type KernelBackend, type TensorInfo } from '@tensorflow/tfjs-core';
import type { GpuDevice, UsedFeature } from './device';

/** A program once it is compiled, as it is recorded. */
interface PreparedProgram {
  /** Of all programs with equal uniforms (recordDispatch.ts). */
  key: string;
  shaderKey: string;
  pipeline?: object;
  dispatch: [number, number, number];
  outputShape: number[];
}

/** What TensorFlow.js's WebGPU backend wants of a program; WebGPUProgram, as far as it is used here. */
interface WebgpuProgram extends PreparedProgram {
  variableNames: string[];
  variableComponents: number[];
  outputComponent: number;
  dispatchLayout: { x: number[] };
  workgroupSize: [number, number, number];
  atomic?: boolean;
  uniforms: string;
  getUserCode(): string;
}

/** The part of WebGPUBackend used here. */
export interface WebgpuBackend extends KernelBackend {
  device: GpuDevice;
  /** By `shaderKey`. */
  pipelineCache: Record<string, object>;
  runWebGPUProgram(
    program: WebgpuProgram,
    inputs: TensorInfo[],
    dtype: DataType,
    uniforms: Uniforms,
    output?: TensorInfo,
  ): TensorInfo;
  recordAndSubmit(
    program: PreparedProgram,
    output: TensorInfo,
    inputs: TensorInfo[],
    uniforms: Uniforms,
  ): void;
  makeTensorInfo(shape: number[], dtype: DataType): TensorInfo;
  uploadToGPU(dataId: object): void;
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

/** As the backend takes it. */
type Uniforms = { type: 'int32' | 'float32'; data: number[] }[];

/** A dispatch met before: all but the tensors. */
interface Prepared {
  program: PreparedProgram;
  values: Uniforms;
}

const prepared = new WeakMap<WebgpuBackend, Map<string, Prepared>>();

/** Dispatches remembered; a training run at one size has some hundred. */
const MOST_PREPARED = 4096;

/**
 * Records one dispatch on the backend's command encoder. The backend builds a program, its key and its uniforms for each;
 * shapes repeat in every step, so what was built once is found again by all that tells dispatches apart.
 */
export function dispatch(backend: WebgpuBackend, what: Dispatch): TensorInfo {
  const { inputs, outputShape, dtype = 'float32' } = what;
  const tensors = Object.values(inputs).map(flat);
  const key = keyOf(what, tensors);
  const known = prepared.get(backend)?.get(key);
  if (known === undefined || backend.pipelineCache[known.program.shaderKey] !== known.program.pipeline) {
    return prepare(backend, what, { tensors, key });
  }
  const out = what.output ?? backend.makeTensorInfo(outputShape, dtype);
  backend.uploadToGPU(out.dataId); // which, for a tensor without values, makes its buffer
  for (const { dataId } of tensors) backend.uploadToGPU(dataId);
  backend.recordAndSubmit(known.program, flat(out), tensors, known.values);
  return { dataId: out.dataId, shape: outputShape, dtype: out.dtype };
}

/** Flat, since the backend compiles once more for each new rank and each coincidence of shapes. */
const flat = ({ dataId, shape, dtype }: TensorInfo): TensorInfo => ({
  dataId,
  shape: [util.sizeFromShape(shape)],
  dtype,
});

function keyOf({ name, outputShape, ints, floats, workgroups, threads }: Dispatch, tensors: TensorInfo[]) {
  let key = `${name} ${threads} ${workgroups[0]} ${workgroups[1]} ${workgroups[2]} ${util.sizeFromShape(outputShape)}`;
  for (const { shape, dtype } of tensors) key += ` ${dtype} ${shape[0]}`;
  for (const int in ints) key += ` ${ints[int]}`;
  for (const float in floats) key += ` ${floats[float]}`;
  return key;
}

/** The first dispatch of its kind. */
function prepare(
  backend: WebgpuBackend,
  what: Dispatch,
  { tensors, key }: { tensors: TensorInfo[]; key: string },
): TensorInfo {
  const { name, wgsl, inputs, vectors = [], outputShape, dtype = 'float32', ints, floats = {} } = what;
  const names = Object.keys(inputs);
  const declared = [
    ...Object.keys(ints).map((int) => `${int}: i32,`),
    ...Object.keys(floats).map((float) => `${float}: f32,`),
  ];
  const values = [
    ...Object.values(ints).map((value) => ({ type: 'int32' as const, data: [value] })),
    ...Object.values(floats).map((value) => ({ type: 'float32' as const, data: [value] })),
  ];
  const program: WebgpuProgram = {
    key,
    variableNames: names,
    variableComponents: names.map((input) => (vectors.includes(input) ? 4 : 1)),
    outputComponent: vectors.includes('result') ? 4 : 1,
    outputShape: [util.sizeFromShape(outputShape)],
    shaderKey: `roikit ${name}`,
    dispatchLayout: { x: [0] },
    dispatch: [...what.workgroups],
    workgroupSize: [what.threads, 1, 1],
    uniforms: declared.join(' '),
    getUserCode: wgsl,
    ...(what.atomic ? { atomic: true } : {}),
  };
  const target = what.output === undefined ? undefined : flat(what.output);
  const record = () => backend.runWebGPUProgram(program, tensors, dtype, values, target);
  const out = what.enable === undefined ? record() : enabled(backend.device, what.enable, record);
  remember(backend, program, values);
  return { ...out, shape: outputShape };
}

/** Keeps what the backend made of a program, but not its WGSL, which holds the tensors it was asked for with. */
function remember(
  backend: WebgpuBackend,
  { key, shaderKey, pipeline, dispatch, outputShape }: WebgpuProgram,
  values: Uniforms,
): void {
  if (pipeline === undefined) return; // without elements there is nothing to compile
  const known = prepared.get(backend) ?? new Map<string, Prepared>();
  prepared.set(backend, known);
  if (known.size >= MOST_PREPARED) known.clear();
  known.set(key, { program: { key, shaderKey, pipeline, dispatch, outputShape }, values });
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
