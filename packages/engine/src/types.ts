import type { Speed } from './measure';

/** The engines, by the name TensorFlow.js gives their backend. */
export type EngineName = 'tensorflow' | 'webgpu' | 'webgl' | 'wasm' | 'cpu';

/** The engine in use. */
export interface EngineInfo {
  name: EngineName;
  /** Version of the npm package behind the engine. */
  version: string;
  /** Threads a kernel may use; 0 where a GPU does the work. */
  threads: number;
  /** What is under the package: `libtensorflow 2.21.0, CPU`, `SIMD`, the name of the GPU. */
  detail: string;
  /** What WebGPU says of the GPU; of `webgpu` only. */
  gpu?: GpuInfo;
}

/** A GPU as WebGPU's adapter describes it. */
export interface GpuInfo {
  /** True where the CPU plays the GPU's part: for tests, never for speed. */
  isSoftware: boolean;
  /** Optional features, such as `shader-f16`, `subgroups` and `timestamp-query`. */
  features: string[];
  /** Those that kernels of this package use; without them the same kernels do without. */
  featuresInUse: string[];
  /** Limits that kernels meet: bytes of a buffer, a binding, a workgroup's memory; storage buffers and threads of a stage. */
  limits: Record<
    | 'maxBufferSize'
    | 'maxStorageBufferBindingSize'
    | 'maxComputeWorkgroupStorageSize'
    | 'maxStorageBuffersPerShaderStage'
    | 'maxComputeInvocationsPerWorkgroup',
    number
  >;
}

/** Why an engine cannot be used here, and what the reader can do about it. */
export interface EngineProblem {
  reason: string;
  cure: string;
}

/** One line of `diagnose()`. */
export type EngineStatus =
  ({ usable: true } & Speed & EngineInfo) | ({ usable: false; name: EngineName } & EngineProblem);

/** What `diagnose()` found. */
export interface EngineReport {
  /** `Node 20.20.2, linux x64` or the browser's user agent. */
  runtime: string;
  /** Logical cores. */
  cores: number;
  /** Version of `@tensorflow/tfjs-core`. */
  tfjs: string;
  /** What `useEngine('auto')` takes; undefined where no engine is usable. */
  auto: EngineName | undefined;
  /** Every engine, the preferred one first. */
  engines: EngineStatus[];
}

/** Options of `useEngine`. */
export interface EngineOptions {
  /**
   * Where the `.wasm` files of `@tensorflow/tfjs-backend-wasm` are served: a URL that ends in `/`.
   * In Node, and in a page that serves them beside the script, leave it out.
   */
  wasmPaths?: string;
  /**
   * Threads of the engine `wasm`, 1 to 4; decided when it is first used. Default: 1 in Node, where it is new; in a page
   * that is cross-origin isolated half the cores, else 1.
   */
  threads?: number;
  /**
   * `float16` on the engine `webgpu`, where the GPU has `shader-f16`: convolutions and dense layers multiply in half precision
   * and add up 16 products in it, then in float32, but for those that a gradient is taken of. A network's outputs are then off
   * by about 10⁻³ of the largest, and values beyond 65,504 overflow. Decided when the engine is first used; whether it is so, `EngineInfo.gpu.featuresInUse` says.
   * @default 'float32'
   */
  precision?: 'float32' | 'float16';
}

/** An engine as this package knows it: how to bring it up. */
export interface Engine {
  name: EngineName;
  /** Imports and completes the backend, and makes it the current one; throws `EngineError` with a cure. */
  start(options: EngineOptions): Promise<EngineInfo>;
}
