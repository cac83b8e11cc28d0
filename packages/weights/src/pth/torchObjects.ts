import { quantizationOf, QuantizedRef } from './quantized';
import { StorageRef, TensorRef } from './tensorRef';
import { PickleGlobal, PickleObject, type PickleValue } from './pickleValues';
import type { PickleHandlers } from './unpickle';

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function tensorOf([storage, offset, shape, stride]: PickleValue[]): TensorRef {
  const valid =
    storage instanceof StorageRef && isCount(offset) && Array.isArray(shape) && Array.isArray(stride);
  if (!valid || ![...shape, ...stride].every(isCount) || shape.length !== stride.length) {
    throw new RangeError('its pickle describes a tensor wrongly');
  }
  return new TensorRef(storage, storage.start + offset, shape as number[], stride as number[]);
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

function orderedDict([pairs]: PickleValue[]): PickleValue {
  const isPair = (pair: PickleValue): pair is [PickleValue, PickleValue] =>
    Array.isArray(pair) && pair.length === 2;
  return new Map(Array.isArray(pairs) ? pairs.filter(isPair) : []);
}

/** What the names that make up tensors and dicts of them stand for. */
const makers: Record<string, (args: PickleValue[]) => PickleValue | undefined> = {
  'collections.OrderedDict': orderedDict,
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
  const persistent = (id: PickleValue) => {
    const storage = storageOf(id);
    storages.set(storage.key, storage);
    return storage;
  };
  return { handlers: { reduce, persistent }, storages };
}

/** Whether a value is a tensor, or one lies in it, however deep. */
export function holdsTensor(value: PickleValue | undefined): boolean {
  const seen = new Set<unknown>();
  const open: unknown[] = [value];
  while (open.length > 0) {
    const next = open.pop();
    if (next instanceof TensorRef || next instanceof QuantizedRef || next instanceof StorageRef) return true;
    if (typeof next !== 'object' || next === null || seen.has(next)) continue;
    seen.add(next);
    if (next instanceof PickleObject) open.push(next.args, next.state, next.entries, next.items);
    else if (next instanceof Map) open.push(...next.values());
    else if (Array.isArray(next)) for (const item of next) open.push(item);
  }
  return false;
}
