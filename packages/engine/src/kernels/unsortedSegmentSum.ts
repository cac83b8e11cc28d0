import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { UnsortedSegmentSumAttrs } from '@tensorflow/tfjs-core';
import { makeZeros } from './wasmHeap';

interface Args {
  inputs: Record<'x' | 'segmentIds', TensorInfo>;
  backend: BackendWasm;
  attrs: UnsortedSegmentSumAttrs;
}

/** out[segmentIds[i]] += x[i] over the first axis; ids outside [0, numSegments) are dropped, as on the cpu backend. */
export function unsortedSegmentSum({
  inputs: { x, segmentIds },
  backend,
  attrs: { numSegments },
}: Args): TensorInfo {
  const out = makeZeros(backend, [numSegments, ...x.shape.slice(1)], x.dtype);
  const from = backend.typedArrayFromHeap(x);
  const ids = backend.typedArrayFromHeap(segmentIds);
  const to = backend.typedArrayFromHeap(out);
  const size = ids.length === 0 ? 0 : from.length / ids.length;
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i]!;
    if (id < 0 || id >= numSegments) continue;
    const source = i * size;
    const target = id * size;
    for (let j = 0; j < size; j++) to[target + j]! += from[source + j]!;
  }
  return out;
}
