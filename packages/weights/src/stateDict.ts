/** Element types of the file formats read here, by their numpy names. */
export type DType =
  | 'float64'
  | 'float32'
  | 'float16'
  | 'bfloat16'
  | 'int64'
  | 'int32'
  | 'int16'
  | 'int8'
  | 'uint64'
  | 'uint32'
  | 'uint16'
  | 'uint8'
  | 'bool';

export type TensorData =
  | Float64Array
  | Float32Array
  | BigInt64Array
  | Int32Array
  | Int16Array
  | Int8Array
  | BigUint64Array
  | Uint32Array
  | Uint16Array
  | Uint8Array;

/**
 * One named array. `dtype` is what the file stores; `data` is row-major in that type, but for `float16` and
 * `bfloat16`, which are widened to a `Float32Array`, and `bool`, which is a `Uint8Array` of 0 and 1.
 */
export interface StateTensor {
  dtype: DType;
  shape: number[];
  data: TensorData;
}

/** A network's arrays by name, in the file's order. */
export type StateDict = Map<string, StateTensor>;

/** Bytes one element takes in a file. */
export const itemSize: Record<DType, number> = {
  float64: 8,
  float32: 4,
  float16: 2,
  bfloat16: 2,
  int64: 8,
  int32: 4,
  int16: 2,
  int8: 1,
  uint64: 8,
  uint32: 4,
  uint16: 2,
  uint8: 1,
  bool: 1,
};

/** Number of elements of a shape: 1 for a scalar's `[]`. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1);
}

/** A tensor's values as `Float32Array`: the array itself where it already is one, a converted copy otherwise. */
export function toFloat32(tensor: StateTensor): Float32Array {
  const { data } = tensor;
  if (data instanceof Float32Array) return data;
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) return Float32Array.from(data, Number);
  return new Float32Array(data);
}
