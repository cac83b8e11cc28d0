import type { DType, StateDict, StateTensor, TensorData } from '../stateDict';
import { sizeOf } from '../stateDict';
import type { PickleHandlers, PickleValue } from './unpickle';
import { PickleGlobal } from './unpickle';

const storageTypes: Record<string, DType> = {
  'torch.DoubleStorage': 'float64',
  'torch.FloatStorage': 'float32',
  'torch.HalfStorage': 'float16',
  'torch.BFloat16Storage': 'bfloat16',
  'torch.LongStorage': 'int64',
  'torch.IntStorage': 'int32',
  'torch.ShortStorage': 'int16',
  'torch.CharStorage': 'int8',
  'torch.ByteStorage': 'uint8',
  'torch.BoolStorage': 'bool',
};
const rebuilders = new Set([
  'torch._utils._rebuild_tensor_v2',
  'torch._utils._rebuild_tensor',
  'torch._utils._rebuild_parameter',
]);
const orderedDict = 'collections.OrderedDict';

/** A stretch of elements by its key in the file. */
export class StorageRef {
  readonly dtype: DType;
  readonly key: string;
  readonly count: number;
  constructor(dtype: DType, key: string, count: number) {
    this.dtype = dtype;
    this.key = key;
    this.count = count;
  }
}

/** A tensor as the pickle describes it: a strided window on a storage. */
class TensorRef {
  readonly storage: StorageRef;
  readonly offset: number;
  readonly shape: number[];
  readonly stride: number[];
  constructor(storage: StorageRef, offset: number, shape: number[], stride: number[]) {
    this.storage = storage;
    this.offset = offset;
    this.shape = shape;
    this.stride = stride;
  }
}

function checkGlobal(name: string): PickleGlobal {
  if (name === orderedDict || rebuilders.has(name) || Object.hasOwn(storageTypes, name))
    return new PickleGlobal(name);
  throw new RangeError(
    `its pickle names ${name}, which is neither a tensor, a storage nor an OrderedDict; ` +
      'save model.state_dict() alone and read that',
  );
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function tensorOf([storage, offset, shape, stride]: PickleValue[]): TensorRef {
  const valid =
    storage instanceof StorageRef && isCount(offset) && Array.isArray(shape) && Array.isArray(stride);
  if (!valid || ![...shape, ...stride].every(isCount) || shape.length !== stride.length) {
    throw new RangeError('its pickle describes a tensor wrongly');
  }
  return new TensorRef(storage, offset, shape as number[], stride as number[]);
}

function reduce(callable: PickleGlobal, args: PickleValue[]): PickleValue {
  if (callable.name === orderedDict) return new Map();
  if (callable.name === 'torch._utils._rebuild_parameter') return args[0];
  if (rebuilders.has(callable.name)) return tensorOf(args);
  throw new RangeError(`its pickle calls ${callable.name}`);
}

function persistent(id: PickleValue): StorageRef {
  const [kind, type, key, , count] = Array.isArray(id) ? id : [];
  const dtype = type instanceof PickleGlobal ? storageTypes[type.name] : undefined;
  if (kind !== 'storage' || !dtype || typeof key !== 'string' || !isCount(count)) {
    throw new RangeError('its pickle refers to a storage wrongly');
  }
  return new StorageRef(dtype, key, count);
}

export const torchHandlers: PickleHandlers = { global: checkGlobal, reduce, persistent };

/** What a checkpoint of training calls the weights it holds among other things. */
const wrappers = ['state_dict', 'model_state_dict', 'model', 'state_dict_ema'];

/** The dict of tensors: the pickled value itself, or the one that a training checkpoint holds. */
function tensorDict(value: PickleValue): Map<PickleValue, PickleValue> {
  if (value instanceof Map) {
    if ([...value.values()].some((entry) => entry instanceof TensorRef)) return value;
    for (const key of wrappers) {
      const inner = value.get(key);
      if (inner instanceof Map) return tensorDict(inner);
    }
  }
  throw new RangeError(`it holds no dict of tensors, nor one under ${wrappers.join(', ')}`);
}

function isContiguous({ shape, stride }: TensorRef): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && stride[axis] !== expected) return false;
    expected *= shape[axis];
  }
  return true;
}

function gather(data: TensorData, { offset, shape, stride }: TensorRef): TensorData {
  const out = data.slice(0, sizeOf(shape));
  const index = shape.map(() => 0);
  let from = offset;
  for (let i = 0; i < out.length; i++) {
    out[i] = data[from];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += stride[axis];
      if (++index[axis] < shape[axis]) break;
      from -= stride[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return out;
}

function checkWindow(name: string, { offset, shape, stride }: TensorRef, data: TensorData): void {
  const size = sizeOf(shape);
  const last = size === 0 ? 0 : shape.reduce((sum, side, axis) => sum + (side - 1) * stride[axis], offset);
  // A tensor larger than its storage repeats elements (stride 0): a way to ask for any amount of memory.
  if (size > data.length || last >= Math.max(1, data.length)) {
    throw new RangeError(`${name} of shape [${shape}] reaches beyond its storage of ${data.length} elements`);
  }
}

function read(tensor: TensorRef, data: TensorData): StateTensor {
  const { storage, offset, shape } = tensor;
  const whole = isContiguous(tensor) ? data.subarray(offset, offset + sizeOf(shape)) : gather(data, tensor);
  return { dtype: storage.dtype, shape, data: whole };
}

/** Name without the `module.` that DataParallel puts before every one. */
function plainNames(names: string[]): (name: string) => string {
  const wrapped = names.length > 0 && names.every((name) => name.startsWith('module.'));
  return (name) => (wrapped ? name.slice('module.'.length) : name);
}

/**
 * The state dict that a pickled value describes; each storage is loaded once and shared by the tensors on it.
 *
 * @param maxElements bound on what tensors with strides may copy, all together.
 */
export async function toStateDict(
  value: PickleValue,
  load: (storage: StorageRef) => Promise<TensorData>,
  maxElements: number,
): Promise<StateDict> {
  const entries = [...tensorDict(value)].filter(([, entry]) => entry instanceof TensorRef);
  const plain = plainNames(entries.map(([name]) => String(name)));
  const storages = new Map<string, TensorData>();
  const stateDict: StateDict = new Map();
  let copied = 0;
  for (const [key, entry] of entries as [PickleValue, TensorRef][]) {
    const { storage } = entry;
    const data = storages.get(storage.key) ?? (await load(storage));
    storages.set(storage.key, data);
    const name = plain(String(key));
    checkWindow(name, entry, data);
    if (!isContiguous(entry)) copied += sizeOf(entry.shape);
    if (copied > maxElements) throw new RangeError('its tensors overlap in more elements than the file has');
    stateDict.set(name, read(entry, data));
  }
  return stateDict;
}
