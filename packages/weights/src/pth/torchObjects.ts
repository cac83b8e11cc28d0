import { quantizationOf, QuantizedRef } from './quantized';
import { StorageRef, TensorRef } from './tensorRef';
import { PickleGlobal, PickleObject, type PickleValue } from './pickleValues';
import type { PickleHandlers } from './unpickle';

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

const isCounts = (values: PickleValue[]): values is number[] => values.every(isCount);

/** PyTorch's own limit. */
const maxAxes = 64;

function tensorOf([storage, offset, shape, stride]: PickleValue[]): TensorRef {
  const valid =
    storage instanceof StorageRef && isCount(offset) && Array.isArray(shape) && Array.isArray(stride);
  if (
    !valid ||
    shape.length > maxAxes ||
    !isCounts(shape) ||
    !isCounts(stride) ||
    shape.length !== stride.length
  ) {
    throw new RangeError('its pickle describes a tensor wrongly');
  }
  return new TensorRef(storage, storage.start + offset, shape, stride);
}

/** Tensors of newer types: an untyped storage, and the type beside it. */
function typedTensorOf(args: PickleValue[]): TensorRef {
  const { storage, offset, shape, stride } = tensorOf(args);
  const dtype = args[6];
  if (!(dtype instanceof PickleGlobal)) throw new RangeError('its pickle describes a tensor wrongly');
  const bytes = new StorageRef(dtype.name, storage.key, storage.count);
  const typed = new StorageRef(dtype.name, storage.key, Math.floor(storage.count / (bytes.itemSize ?? 1)));
  return new TensorRef(typed, offset, shape, stride);
}

/** More than any checkpoint has in dicts made of lists; each call for one list would make it anew. */
const maxPairs = 2_000_000;

function orderedDictMaker(): (args: PickleValue[]) => PickleValue {
  const isPair = (pair: PickleValue): pair is [PickleValue, PickleValue] =>
    Array.isArray(pair) && pair.length === 2;
  let made = 0;
  return ([pairs]) => {
    const list = Array.isArray(pairs) ? pairs : [];
    made += list.length;
    if (made > maxPairs) throw new RangeError(`its pickle makes dicts of more than ${maxPairs} pairs`);
    return new Map(list.filter(isPair));
  };
}

/** What the names that make up tensors and dicts of them stand for, but for OrderedDict. */
const makers: Record<string, (args: PickleValue[]) => PickleValue | undefined> = {
  'collections.defaultdict': () => new Map(),
  'torch.Size': ([sides]) => sides,
  'torch._utils._rebuild_tensor': tensorOf,
  'torch._utils._rebuild_tensor_v2': tensorOf,
  'torch._utils._rebuild_tensor_v3': typedTensorOf,
  'torch._utils._rebuild_parameter': ([tensor]) => tensor,
  'torch._utils._rebuild_parameter_with_state': ([tensor]) => tensor,
  'torch._utils._rebuild_qtensor': (args) => {
    const quantization = quantizationOf(args[4]);
    return quantization && new QuantizedRef(tensorOf(args), quantization);
  },
  // A tensor with attributes of its own: the function, the class, the arguments, the attributes.
  'torch._tensor._rebuild_from_type_v2': ([callable, type, args]) =>
    callable instanceof PickleGlobal && isPlainTensor(type) && Array.isArray(args)
      ? reduce(callable.name, args)
      : undefined,
};

const isPlainTensor = (type: PickleValue | undefined) =>
  type instanceof PickleGlobal && ['torch.Tensor', 'torch.nn.parameter.Parameter'].includes(type.name);

function reduce(name: string, args: PickleValue[]): PickleValue | undefined {
  return Object.hasOwn(makers, name) ? makers[name]?.(args) : undefined;
}

function storageOf(id: PickleValue): StorageRef {
  const [kind, type, key, , count, view] = Array.isArray(id) ? id : [];
  if (kind !== 'storage' || !(type instanceof PickleGlobal) || typeof key !== 'string' || !isCount(count)) {
    throw new RangeError('its pickle refers to a storage wrongly');
  }
  const start = Array.isArray(view) ? view[1] : 0;
  if (!isCount(start)) throw new RangeError('its pickle refers to a storage wrongly');
  return new StorageRef(type.name, key, count, start);
}

/** Handlers for one file, and the storages its pickle refers to, by key. */
export function torchHandlers(): { handlers: PickleHandlers; storages: Map<string, StorageRef> } {
  const storages = new Map<string, StorageRef>();
  const orderedDict = orderedDictMaker();
  const persistent = (id: PickleValue) => {
    const storage = storageOf(id);
    storages.set(storage.key, storage);
    return storage;
  };
  const make = (name: string, args: PickleValue[]) =>
    name === 'collections.OrderedDict' ? orderedDict(args) : reduce(name, args);
  return { handlers: { reduce: make, persistent }, storages };
}

/** Values looked at in one file, all together: some seconds, and far more than a checkpoint has. */
const maxLooks = 20_000_000;

/** Whether a value is a tensor, or one lies in it, however deep. One search is for all values of a file. */
export function tensorSearch(): (value: PickleValue | undefined) => boolean {
  const without = new Set<unknown>(); // a file of a few bytes can name one list any number of times
  let looks = 0;
  return (value) => {
    const seen = new Set<unknown>();
    const open: unknown[] = [value];
    while (open.length > 0) {
      const next = open.pop();
      if (++looks > maxLooks) throw new RangeError('its values refer to each other too often');
      if (next instanceof TensorRef || next instanceof QuantizedRef || next instanceof StorageRef)
        return true;
      if (typeof next !== 'object' || next === null || seen.has(next) || without.has(next)) continue;
      seen.add(next);
      if (next instanceof PickleObject) open.push(next.args, next.state, next.entries, next.items);
      else if (next instanceof Map) for (const item of next.values()) open.push(item);
      else if (Array.isArray(next)) for (const item of next) open.push(item);
    }
    for (const one of seen) without.add(one);
    return false;
  };
}
