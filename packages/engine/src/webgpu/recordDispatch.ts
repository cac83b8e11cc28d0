import { env, util, type KernelBackend, type TensorInfo } from '@tensorflow/tfjs-core';

type Uniforms = { type: 'int32' | 'float32'; data: number[] }[];
type GpuObject = object;

interface Pipeline {
  getBindGroupLayout(index: number): GpuObject;
}

interface Program {
  /** Tells uniforms apart, where it is known beforehand: those of program.ts. */
  key?: string;
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
  makeUniforms(uniforms: Uniforms): Binding;
  recordAndSubmit(program: Program, output: TensorInfo, inputs: TensorInfo[], defined?: Uniforms): void;
}

interface Binding {
  buffer: GpuObject;
  offset: number;
  size: number;
}

/** Bind groups by what they are made of, one thing after the other: objects are looked up faster than text is made. */
interface Groups {
  group?: GpuObject;
  next: Map<GpuObject, Groups>;
}

/** What comes again of a dispatch: its uniforms, and its bind groups by pipeline and buffers. */
interface Repeated {
  uniforms: Binding;
  groups: Groups;
}

/**
 * Records dispatches as the backend's own `recordAndSubmit` does, but makes each buffer of uniforms and each bind group
 * once. Shapes repeat in every step and buffers come from a pool, so from the third step on nearly all are found again;
 * making them took half of what a dispatch costs the CPU, and small networks are bound by that.
 */
class Recorder {
  readonly #backend: RecordingBackend;
  readonly #repeated = new Map<string, Repeated>();
  /** Dispatches met once. Those with a step's number, as AdamW's, never come again and are not kept. */
  readonly #met = new Set<string>();
  readonly #mostKept: number;
  #groupsMade = 0;

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
    const [x, y, z] = program.dispatch;
    pass.setPipeline(program.pipeline);
    pass.setBindGroup(0, group);
    pass.dispatchWorkgroups(x, y, z);
    if (++backend.dispatchCountInPass < env().getNumber('WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE')) return;
    backend.endComputePassEncoder();
    backend.submitQueue();
  }

  #bindGroup(program: Program, tensors: TensorInfo[], defined: Uniforms): GpuObject {
    const buffers = tensors.map(({ dataId }) => this.#backend.tensorMap.get(dataId).resource);
    const key = program.key ?? keyOf(program, tensors, defined);
    const { uniforms, groups } = this.#repeated.get(key) ?? this.#meet(key, program, tensors, defined);
    const found = entryOf(groups, [program.pipeline, ...buffers]);
    if (found.group !== undefined) return found.group;
    if (++this.#groupsMade > this.#mostKept) this.#forget();
    const bindings = [...buffers.map((buffer) => ({ buffer })), uniforms];
    found.group = this.#backend.device.createBindGroup({
      layout: program.pipeline.getBindGroupLayout(0),
      entries: bindings.map((resource, binding) => ({ binding, resource })),
    });
    return found.group;
  }

  /** All that is kept; what is being recorded stays usable. */
  #forget(): void {
    const uniforms = [...this.#repeated.values()].map(({ uniforms }) => uniforms.buffer);
    this.#backend.uniformPendingDisposal.push(...uniforms);
    this.#repeated.clear();
    this.#groupsMade = 0;
  }

  /** Makes the uniforms of a dispatch, and keeps them if it was met before. */
  #meet(key: string, program: Program, tensors: TensorInfo[], defined: Uniforms): Repeated {
    const uniforms = this.#makeUniforms(program, tensors, defined);
    const repeated: Repeated = { uniforms, groups: { next: new Map() } };
    if (!this.#met.has(key)) {
      if (this.#met.size >= this.#mostKept) this.#met.clear();
      this.#met.add(key);
      return repeated;
    }
    const { uniformPendingDisposal } = this.#backend;
    if (this.#repeated.size >= this.#mostKept) this.#forget();
    // makeUniforms left the buffer there last, to be free after the next submit.
    uniformPendingDisposal.splice(uniformPendingDisposal.lastIndexOf(uniforms.buffer), 1);
    this.#repeated.set(key, repeated);
    return repeated;
  }

  /** In the order of the backend's shaders: NaN and infinity, shapes and strides of inputs and output, size, the program's. */
  #makeUniforms(program: Program, [output, ...inputs]: TensorInfo[], defined: Uniforms): Binding {
    const shapes = [...inputs, output!].flatMap(({ shape }) => [shape, util.computeStrides(shape)]);
    return this.#backend.makeUniforms([
      { type: 'float32', data: [NaN] },
      { type: 'float32', data: [Infinity] },
      ...[...shapes, ...(program.size ? [[sizeOf(program)]] : [])].map((data) => ({
        type: 'int32' as const,
        data,
      })),
      ...defined,
    ]);
  }
}

/** Where a bind group is, or will be. */
function entryOf(groups: Groups, keys: GpuObject[]): Groups {
  let at = groups;
  for (const key of keys) {
    let next = at.next.get(key);
    if (next === undefined) at.next.set(key, (next = { next: new Map() }));
    at = next;
  }
  return at;
}

/** All that its uniforms hold. */
function keyOf(program: Program, tensors: TensorInfo[], defined: Uniforms): string {
  let key = program.size ? `${sizeOf(program)}` : '';
  for (const { shape } of tensors) key += ` ${shape}`;
  key += ' |';
  for (const { type, data } of defined) key += type === 'int32' ? ` ${data}` : ` f${data}`;
  return key;
}

const sizeOf = ({ outputShape, outputComponent = 1 }: Program): number =>
  util.sizeFromShape(outputShape) / outputComponent;

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
