import { util, type TensorInfo } from '@tensorflow/tfjs-core';
import type { WebgpuBackend } from './program';

/** The part of WebGPUBackend by which values are copied without a dispatch. */
export interface CopyingBackend extends WebgpuBackend {
  commandEncoder: {
    copyBufferToBuffer(
      source: object,
      sourceOffset: number,
      target: object,
      offset: number,
      size: number,
    ): void;
  };
  commandQueueOwnedIds: WeakSet<object>;
  tensorMap: { get(dataId: object): { resource: object } };
  ensureCommandEncoderReady(): void;
  endComputePassEncoder(): void;
}

/** Where each of several tensors lies in one: a kernel binds eight buffers, and a network has hundreds of variables. */
export interface Packing {
  starts: number[];
  sizes: number[];
  total: number;
}

export function packingOf(tensors: readonly TensorInfo[]): Packing {
  const sizes = tensors.map(({ shape }) => util.sizeFromShape(shape));
  const starts: number[] = [];
  let total = 0;
  for (const size of sizes) {
    starts.push(total);
    total += size;
  }
  return { starts, sizes, total };
}

/** The tensors' values in one; for the caller to drop. */
export function pack(
  backend: CopyingBackend,
  tensors: readonly TensorInfo[],
  { starts, sizes, total }: Packing,
): TensorInfo {
  const packed = newTensor(backend, [total]);
  tensors.forEach((tensor, i) => copy(backend, [tensor, 0], [packed, starts[i]!], sizes[i]!));
  return packed;
}

/** New tensors of the given shapes from one. */
export function unpack(
  backend: CopyingBackend,
  packed: TensorInfo,
  { starts, sizes }: Packing,
  shapes: readonly number[][],
): TensorInfo[] {
  return shapes.map((shape, i) => {
    const tensor = newTensor(backend, shape);
    copy(backend, [packed, starts[i]!], [tensor, 0], sizes[i]!);
    return tensor;
  });
}

function newTensor(backend: CopyingBackend, shape: number[]): TensorInfo {
  const tensor = backend.makeTensorInfo(shape, 'float32');
  backend.uploadToGPU(tensor.dataId); // which, for a tensor without values, makes its buffer
  return tensor;
}

type Position = readonly [tensor: TensorInfo, offset: number];

/** Records a copy of `size` floats on the backend's encoder, in its turn among the dispatches. */
function copy(
  backend: CopyingBackend,
  [source, sourceAt]: Position,
  [target, targetAt]: Position,
  size: number,
): void {
  if (size === 0) return;
  for (const { dataId } of [source, target]) {
    backend.uploadToGPU(dataId);
    // Whose buffer is not given to others before the encoder is submitted.
    backend.commandQueueOwnedIds.add(dataId);
  }
  backend.ensureCommandEncoderReady();
  backend.endComputePassEncoder();
  const bufferOf = ({ dataId }: TensorInfo) => backend.tensorMap.get(dataId).resource;
  backend.commandEncoder.copyBufferToBuffer(
    bufferOf(source),
    4 * sourceAt,
    bufferOf(target),
    4 * targetAt,
    4 * size,
  );
}
