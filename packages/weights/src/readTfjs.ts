import type { ByteSource } from './byteSource';
import { tooLarge } from './byteSource';
import { decode } from './decode';
import { float16ToFloat32 } from './float16';
import type { DType, StateDict, StateTensor } from './stateDict';
import { itemSize, sizeOf } from './stateDict';

// TensorFlow.js's `model.json` with binary shards beside it, which may be quantised (tfjs-core io/types.ts).

interface Quantization {
  dtype: 'uint8' | 'uint16' | 'float16';
  scale?: number;
  min?: number;
}
interface Weight {
  name: string;
  shape: number[];
  dtype: 'float32' | 'int32' | 'bool';
  quantization?: Quantization;
}
interface Group {
  paths: string[];
  weights: Weight[];
}

const storedSize = { uint8: 1, uint16: 2, float16: 2 };

function byteLength({ shape, dtype, quantization }: Weight): number {
  return sizeOf(shape) * (quantization ? storedSize[quantization.dtype] : itemSize[dtype as DType]);
}

function dequantize(bytes: Uint8Array, { dtype, scale = 1, min = 0 }: Quantization): Float32Array {
  const aligned = bytes.slice();
  if (dtype === 'uint8') return Float32Array.from(aligned, (value) => value * scale + min);
  const words = new Uint16Array(aligned.buffer);
  return dtype === 'float16'
    ? float16ToFloat32(words)
    : Float32Array.from(words, (value) => value * scale + min);
}

function tensorOf(weight: Weight, bytes: Uint8Array): StateTensor {
  const { shape, dtype, quantization } = weight;
  if (quantization) {
    const stored: DType = quantization.dtype === 'float16' ? 'float16' : 'float32';
    return { dtype: stored, shape, data: dequantize(bytes, quantization) };
  }
  return { dtype, shape, data: decode(dtype, bytes) };
}

function isWeight(weight: Weight): boolean {
  const { name, shape, dtype, quantization } = weight ?? {};
  const plain =
    typeof name === 'string' && Array.isArray(shape) && ['float32', 'int32', 'bool'].includes(dtype);
  const sides = plain && shape.every((side) => Number.isSafeInteger(side) && side >= 0);
  return sides && (!quantization || Object.hasOwn(storedSize, quantization.dtype));
}

/** Only files beside the model or below it. */
function checkPath(path: unknown): string {
  if (typeof path === 'string' && !/^[/\\]|(^|[/\\])\.\.([/\\]|$)|:/.test(path)) return path;
  throw new RangeError(`its weights lie in ${JSON.stringify(path)}, which is not beside the model`);
}

async function readGroup(
  source: ByteSource,
  group: Group,
  budget: number,
): Promise<Map<string, StateTensor>> {
  if (!Array.isArray(group?.paths) || !Array.isArray(group.weights) || !group.weights.every(isWeight)) {
    throw new RangeError('its weightsManifest is not a list of paths and weights');
  }
  const due = group.weights.reduce((sum, weight) => sum + byteLength(weight), 0);
  if (due > budget) throw tooLarge('its shards', due, budget);
  const bytes = new Uint8Array(due);
  let filled = 0;
  for (const path of group.paths) {
    const shard = await source.sibling?.(checkPath(path));
    if (!shard) throw new RangeError('its shards lie beside it: pass its path or URL, not its bytes alone');
    if (filled + shard.size > due)
      throw new RangeError(`its shards have more than the ${due} bytes its weights take`);
    bytes.set(await shard.read(0, shard.size), filled);
    filled += shard.size;
  }
  if (filled !== due) throw new RangeError(`its shards have ${filled} bytes, its weights take ${due}`);
  let offset = 0;
  return new Map(
    group.weights.map((weight) => {
      const length = byteLength(weight);
      offset += length;
      return [weight.name, tensorOf(weight, bytes.subarray(offset - length, offset))];
    }),
  );
}

/** A TensorFlow.js layers or graph model's weights, by their names there (`conv1/kernel`). */
export async function readTfjs(source: ByteSource, maxBytes: number): Promise<StateDict> {
  let model: { weightsManifest?: Group[] };
  try {
    model = JSON.parse(new TextDecoder().decode(await source.read(0, source.size))) as typeof model;
  } catch (cause) {
    throw new RangeError('it begins as JSON but is not', { cause });
  }
  if (!Array.isArray(model.weightsManifest)) throw new RangeError('it is JSON without a weightsManifest');
  const stateDict: StateDict = new Map();
  let budget = maxBytes;
  for (const group of model.weightsManifest) {
    for (const [name, tensor] of await readGroup(source, group, budget)) {
      stateDict.set(name, tensor);
      budget -= tensor.data.byteLength;
    }
  }
  return stateDict;
}
