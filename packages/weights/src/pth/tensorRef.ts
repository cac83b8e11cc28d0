import type { DType } from '../stateDict';
import { itemSize } from '../stateDict';

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
  'torch.QInt8Storage': 'int8',
  'torch.QUInt8Storage': 'uint8',
  'torch.QInt32Storage': 'int32',
  'torch.storage.UntypedStorage': 'uint8',
};
/** Types that are known only so far as to step over them: bytes an element. */
const otherSizes: Record<string, number> = {
  'torch.ComplexFloatStorage': 8,
  'torch.ComplexDoubleStorage': 16,
  'torch.Float8_e4m3fnStorage': 1,
  'torch.Float8_e5m2Storage': 1,
};
const dtypes = new Set<string>(Object.keys(itemSize).map((dtype) => `torch.${dtype}`));

/** A stretch of elements by its key in the file. */
export class StorageRef {
  /** PyTorch's name of its type. */
  readonly type: string;
  readonly key: string;
  readonly count: number;
  /** First element, of a storage that is a part of another one. */
  readonly start: number;
  constructor(type: string, key: string, count: number, start = 0) {
    this.type = type;
    this.key = key;
    this.count = count;
    this.start = start;
  }
  /** Undefined where no array here can hold it, as float8. */
  get dtype(): DType | undefined {
    if (dtypes.has(this.type)) return this.type.slice('torch.'.length) as DType;
    return Object.hasOwn(storageTypes, this.type) ? storageTypes[this.type] : undefined;
  }
  /** Bytes an element; undefined where the type is not known at all. */
  get itemSize(): number | undefined {
    return this.dtype ? itemSize[this.dtype] : otherSizes[this.type];
  }
}

/** A tensor as the pickle describes it: a strided window on a storage. */
export class TensorRef {
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
