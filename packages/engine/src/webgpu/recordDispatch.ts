import { env, util, type KernelBackend, type TensorInfo } from '@tensorflow/tfjs-core';

type Uniforms = { type: 'int32' | 'float32'; data: number[] }[];
type GpuObject = object;

interface Pipeline {
  getBindGroupLayout(index: number): GpuObject;
}

interface Program {
  pipeline: Pipeline;
  dispatch: [number, number, number];
  outputShape: number[];
  outputComponent?: number;
  /** Whether `uniforms.size` is declared. */
  size?: boolean;
  /** Of programs that read or draw pixels. */
  pixelsOpType?: unknown;
}

interface ComputePass {
  setPipeline(pipeline: Pipeline): void;
  setBindGroup(index: number, group: GpuObject): void;
  dispatchWorkgroups(x: number, y: number, z: number): void;
}

/** The part of WebGPUBackend that records dispatches. */
interface RecordingBackend extends KernelBackend {
  device: { createBindGroup(descriptor: object): GpuObject };
  tensorMap: { get(dataId: object): { resource: GpuObject } };
  commandQueueOwnedIds: WeakSet<object>;
  commandEncoder: { beginComputePass(): ComputePass };
  computePassEncoder: ComputePass | null;
  dispatchCountInPass: number;
  activeTimers?: unknown;
  uniformPendingDisposal: GpuObject[];
  ensureCommandEncoderReady(): void;
  endComputePassEncoder(): void;
  submitQueue(): void;
  makeUniforms(uniforms: Uniforms): { buffer: GpuObject; offset: number; size: number };
  recordAndSubmit(program: Program, output: TensorInfo, inputs: TensorInfo[], defined?: Uniforms): void;
}

/**
 * Records dispatches as the backend's own `recordAndSubmit` does, but makes each buffer of uniforms and each bind group
 * once. Shapes repeat in every step and buffers come from a pool, so from the third step on nearly all are found again;
 * making them took half of what a dispatch costs the CPU, and small networks are bound by that.
 */
class Recorder {
  readonly #backend: RecordingBackend;
  readonly #uniforms = new Map<string, { buffer: GpuObject; offset: number; size: number }>();
  /** Uniforms met once. Those of a step's number, as AdamW's, never come again and are not kept. */
  readonly #met = new Set<string>();
  readonly #groups = new Map<string, GpuObject>();
  readonly #layouts = new WeakMap<Pipeline, GpuObject>();
  readonly #ids = new WeakMap<GpuObject, number>();
  readonly #mostKept: number;
  #lastId = 0;

  constructor(backend: RecordingBackend, mostKept: number) {
    this.#backend = backend;
    this.#mostKept = mostKept;
  }

  record(program: Program, output: TensorInfo, inputs: TensorInfo[], defined: Uniforms): void {
    const backend = this.#backend;
    const group = this.#bindGroup(program, [output, ...inputs], defined);
    for (const { dataId } of inputs) backend.commandQueueOwnedIds.add(dataId);
    backend.commandQueueOwnedIds.add(output.dataId);
    backend.ensureCommandEncoderReady();
    const pass = (backend.computePassEncoder ??= backend.commandEncoder.beginComputePass());
    pass.setPipeline(program.pipeline);
    pass.setBindGroup(0, group);
    pass.dispatchWorkgroups(...program.dispatch);
    if (++backend.dispatchCountInPass < env().getNumber('WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE')) return;
    backend.endComputePassEncoder();
    backend.submitQueue();
  }

  #bindGroup(program: Program, tensors: TensorInfo[], defined: Uniforms): GpuObject {
    const { pipeline } = program;
    const buffers = tensors.map(({ dataId }) => this.#backend.tensorMap.get(dataId).resource);
    const uniforms = this.#uniformsOf(program, tensors, defined);
    let key = `${this.#idOf(pipeline)}`;
    for (const buffer of buffers) key += ` ${this.#idOf(buffer)}`;
    key += ` ${this.#idOf(uniforms.buffer)}`;
    const known = this.#groups.get(key);
    if (known !== undefined) return known;
    const group = this.#backend.device.createBindGroup({
      layout: this.#layoutOf(pipeline),
      entries: [...buffers.map((buffer) => ({ buffer })), uniforms].map((resource, binding) => ({
        binding,
        resource,
      })),
    });
    if (this.#groups.size >= this.#mostKept) this.#groups.clear();
    this.#groups.set(key, group);
    return group;
  }

  /** In the order of the backend's shaders: NaN and infinity, shapes and strides of inputs and output, size, the program's. */
  #uniformsOf(program: Program, [output, ...inputs]: TensorInfo[], defined: Uniforms) {
    const size = util.sizeFromShape(program.outputShape) / (program.outputComponent ?? 1);
    let key = program.size ? `${size}` : '';
    for (const { shape } of inputs) key += ` ${shape}`;
    key += ` ${output!.shape}`;
    for (const { type, data } of defined) key += type === 'int32' ? ` ${data}` : ` f${data}`;
    const known = this.#uniforms.get(key);
    if (known !== undefined) return known;
    const shapes = [...inputs, output!].flatMap(({ shape }) => [shape, util.computeStrides(shape)]);
    const uniforms = this.#backend.makeUniforms([
      { type: 'float32', data: [NaN] },
      { type: 'float32', data: [Infinity] },
      ...[...shapes, ...(program.size ? [[size]] : [])].map((data) => ({ type: 'int32' as const, data })),
      ...defined,
    ]);
    this.#keep(key, uniforms);
    return uniforms;
  }

  #keep(key: string, uniforms: { buffer: GpuObject; offset: number; size: number }): void {
    const { uniformPendingDisposal } = this.#backend;
    if (!this.#met.has(key)) {
      if (this.#met.size >= this.#mostKept) this.#met.clear();
      this.#met.add(key);
      return;
    }
    if (this.#uniforms.size >= this.#mostKept) {
      uniformPendingDisposal.push(...[...this.#uniforms.values()].map(({ buffer }) => buffer));
      this.#uniforms.clear();
    }
    // makeUniforms left the buffer there last, to be free after the next submit.
    uniformPendingDisposal.splice(uniformPendingDisposal.lastIndexOf(uniforms.buffer), 1);
    this.#uniforms.set(key, uniforms);
  }

  #layoutOf(pipeline: Pipeline): GpuObject {
    const layout = this.#layouts.get(pipeline) ?? pipeline.getBindGroupLayout(0);
    this.#layouts.set(pipeline, layout);
    return layout;
  }

  #idOf(object: GpuObject): number {
    const known = this.#ids.get(object);
    if (known !== undefined) return known;
    this.#ids.set(object, ++this.#lastId);
    return this.#lastId;
  }
}

const recorded = new WeakSet<KernelBackend>();

/**
 * Has the backend record its dispatches through a `Recorder`, but for those that are timed one by one or draw pixels.
 *
 * @param mostKept bind groups, and buffers of uniforms, beyond which all are made anew. @default 8192; a training run at
 * one size has some hundred of each
 */
export function recordThroughCache(backend: KernelBackend, mostKept = 8192): void {
  if (recorded.has(backend)) return;
  recorded.add(backend);
  const recording = backend as RecordingBackend;
  const recorder = new Recorder(recording, mostKept);
  const { recordAndSubmit } = recording;
  recording.recordAndSubmit = (program, output, inputs, defined = []) => {
    if (program.pixelsOpType != null || recording.activeTimers != null)
      recordAndSubmit.call(recording, program, output, inputs, defined);
    else recorder.record(program, output, inputs, defined);
  };
}
