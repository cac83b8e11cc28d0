import type { StateTensor } from '../stateDict';
import { toFloat32 } from '../stateDict';
import type { TensorRef } from './tensorRef';
import { PickleGlobal, type PickleValue } from './pickleValues';

/** value = (stored − zero point) · scale, with one of each or one for every slice along an axis. */
export type Quantization =
  { scale: number; zeroPoint: number } | { scales: object; zeroPoints: object; axis: number };

/** A tensor of small integers that stand for real numbers. */
export class QuantizedRef {
  readonly tensor: TensorRef;
  readonly quantization: Quantization;
  constructor(tensor: TensorRef, quantization: Quantization) {
    this.tensor = tensor;
    this.quantization = quantization;
  }
}

/** Reads `(torch.per_tensor_affine, scale, zero point)` or `(torch.per_channel_affine, scales, zero points, axis)`; else undefined. */
export function quantizationOf(value: PickleValue | undefined): Quantization | undefined {
  const [scheme, scale, zeroPoint, axis] = Array.isArray(value) ? value : [];
  const name = scheme instanceof PickleGlobal ? scheme.name : '';
  if (name === 'torch.per_tensor_affine' && typeof scale === 'number' && typeof zeroPoint === 'number') {
    return { scale, zeroPoint };
  }
  const isObject = (entry: unknown): entry is object => typeof entry === 'object' && entry !== null;
  if (
    name === 'torch.per_channel_affine' &&
    isObject(scale) &&
    isObject(zeroPoint) &&
    typeof axis === 'number'
  ) {
    return { scales: scale, zeroPoints: zeroPoint, axis };
  }
  return undefined;
}

/** The real numbers, in float32 as PyTorch's `dequantize()` computes them. */
export async function dequantize(
  stored: StateTensor,
  quantization: Quantization,
  read: (part: object) => Promise<StateTensor>,
): Promise<StateTensor> {
  const { shape, data } = stored;
  const values = toFloat32({ ...stored, data });
  if ('scale' in quantization) {
    const { scale, zeroPoint } = quantization;
    return { dtype: 'float32', shape, data: values.map((value) => (value - zeroPoint) * Math.fround(scale)) };
  }
  const { axis } = quantization;
  const scales = toFloat32(await read(quantization.scales));
  const zeroPoints = toFloat32(await read(quantization.zeroPoints));
  const side = shape[axis];
  if (side === undefined || scales.length !== side || zeroPoints.length !== side) {
    throw new RangeError('it holds a quantised tensor with other scales than its shape needs');
  }
  const inner = shape.slice(axis + 1).reduce((product, length) => product * length, 1);
  const channel = (i: number) => Math.floor(i / inner) % side;
  const real = values.map((value, i) => (value - zeroPoints[channel(i)]!) * scales[channel(i)]!);
  return { dtype: 'float32', shape, data: real };
}
