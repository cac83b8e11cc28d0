import { bfloat16ToFloat32, float16ToFloat32 } from './float16';
import type { DType, TensorData } from './stateDict';

/** Reads little-endian elements of a stored type; copies where the bytes do not start at a multiple of 8. */
export function decode(dtype: DType, bytes: Uint8Array): TensorData {
  const { buffer, byteOffset, byteLength } = byteOffset8(bytes);
  switch (dtype) {
    case 'float64':
      return new Float64Array(buffer, byteOffset, byteLength / 8);
    case 'float32':
      return new Float32Array(buffer, byteOffset, byteLength / 4);
    case 'float16':
      return float16ToFloat32(new Uint16Array(buffer, byteOffset, byteLength / 2));
    case 'bfloat16':
      return bfloat16ToFloat32(new Uint16Array(buffer, byteOffset, byteLength / 2));
    case 'int64':
      return new BigInt64Array(buffer, byteOffset, byteLength / 8);
    case 'int32':
      return new Int32Array(buffer, byteOffset, byteLength / 4);
    case 'int16':
      return new Int16Array(buffer, byteOffset, byteLength / 2);
    case 'int8':
      return new Int8Array(buffer, byteOffset, byteLength);
    case 'uint64':
      return new BigUint64Array(buffer, byteOffset, byteLength / 8);
    case 'uint32':
      return new Uint32Array(buffer, byteOffset, byteLength / 4);
    case 'uint16':
      return new Uint16Array(buffer, byteOffset, byteLength / 2);
    case 'uint8':
    case 'bool':
      return new Uint8Array(buffer, byteOffset, byteLength);
  }
}

function byteOffset8(bytes: Uint8Array): Uint8Array {
  return bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();
}
