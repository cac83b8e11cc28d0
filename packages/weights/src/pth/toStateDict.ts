import type { StateDict, StateTensor, TensorData } from '../stateDict';
import { sizeOf } from '../stateDict';
import { findWeights } from './findWeights';
import { nameOf } from './pickleNames';
import { plainNames } from './plainNames';
import { dequantize, QuantizedRef } from './quantized';
import type { StorageRef } from './tensorRef';
import { TensorRef } from './tensorRef';
import { tensorSearch } from './torchObjects';
import { PickleObject, type PickleValue } from './pickleValues';

function isContiguous({ shape, stride }: TensorRef): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && stride[axis] !== expected) return false;
    expected *= shape[axis]!;
  }
  return true;
}

function gather(data: TensorData, { offset, shape, stride }: TensorRef): TensorData {
  const out = data.slice(0, sizeOf(shape));
  const index = shape.map(() => 0);
  let from = offset;
  for (let i = 0; i < out.length; i++) {
    out[i] = data[from]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += stride[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      from -= stride[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return out;
}

function checkWindow(name: string, { offset, shape, stride }: TensorRef, data: TensorData): void {
  const size = sizeOf(shape);
  const last = size === 0 ? 0 : shape.reduce((sum, side, axis) => sum + (side - 1) * stride[axis]!, offset);
  // A tensor larger than its storage repeats elements (stride 0): a way to ask for any amount of memory.
  if (size > data.length || last >= Math.max(1, data.length)) {
    throw new RangeError(`${name} of shape [${shape}] reaches beyond its storage of ${data.length} elements`);
  }
}

/** Reads tensors of one file; each storage is loaded once and shared by the tensors on it. */
class TensorReader {
  private readonly loaded = new Map<string, TensorData>();
  private readonly load: (storage: StorageRef) => Promise<TensorData>;
  private readonly maxElements: number;
  private copied = 0;

  constructor(load: (storage: StorageRef) => Promise<TensorData>, maxElements: number) {
    this.load = load;
    this.maxElements = maxElements;
  }

  async read(name: string, value: PickleValue): Promise<StateTensor> {
    if (value instanceof QuantizedRef) {
      return dequantize(await this.read(name, value.tensor), value.quantization, (part) =>
        this.read(name, part),
      );
    }
    if (value instanceof TensorRef) return this.window(name, value);
    const maker = value instanceof PickleObject ? value.name : typeof value;
    throw new RangeError(`${name} is made by ${maker}, which is not read; save it as a plain tensor`);
  }

  private async window(name: string, tensor: TensorRef): Promise<StateTensor> {
    const { storage, offset, shape } = tensor;
    const { dtype } = storage;
    if (!dtype) {
      throw new RangeError(
        `${name} is stored as ${storage.type}, which is not read; save ${name}.float() in its place`,
      );
    }
    const id = `${dtype} ${storage.key}`;
    const data = this.loaded.get(id) ?? (await this.load(storage));
    this.loaded.set(id, data);
    checkWindow(name, tensor, data);
    if (isContiguous(tensor)) return { dtype, shape, data: data.subarray(offset, offset + sizeOf(shape)) };
    this.copied += sizeOf(shape);
    if (this.copied > this.maxElements) {
      throw new RangeError('its tensors overlap in more elements than the file has');
    }
    return { dtype, shape, data: gather(data, tensor) };
  }
}

/** An array of NumPy among tensors is a weight, which must not go without a word. */
const isArray = (value: PickleValue) =>
  value instanceof PickleObject && value.name.endsWith('multiarray._reconstruct');

/**
 * The state dict that a pickled value describes. What it holds besides tensors is left out; what is neither a tensor nor
 * free of one is an error.
 *
 * @param maxElements bound on what tensors with strides may copy, all together.
 */
export async function toStateDict(
  value: PickleValue,
  load: (storage: StorageRef) => Promise<TensorData>,
  maxElements: number,
): Promise<StateDict> {
  const holdsTensor = tensorSearch();
  const weights = [...findWeights(value, holdsTensor)].filter(
    ([, entry]) => holdsTensor(entry) || isArray(entry),
  );
  const isLightning = value instanceof Map && value.has('pytorch-lightning_version');
  const names = plainNames(
    weights.map(([name]) => nameOf(name)),
    isLightning,
  );
  const reader = new TensorReader(load, maxElements);
  const stateDict: StateDict = new Map();
  for (const [key, entry] of weights) {
    const name = names.get(nameOf(key));
    if (name !== undefined) stateDict.set(name, await reader.read(name, entry));
  }
  return stateDict;
}
