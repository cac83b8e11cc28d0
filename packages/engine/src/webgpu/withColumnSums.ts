import type { TensorInfo } from '@tensorflow/tfjs-core';
import { matrixProduct } from './matrixProduct';
import type { MatrixProduct } from './matrixProductWgsl';
import { unpack, type CopyingBackend } from './packed';

/** A row-major product, and the sums of B's columns, for which two copies come instead of the two dispatches of a sum. */
export function withColumnSums(backend: CopyingBackend, product: MatrixProduct): TensorInfo[] {
  const sizes = [product.rows * product.columns, product.columns];
  const packing = { starts: [0, sizes[0]!], sizes, total: sizes[0]! + sizes[1]! };
  const packed = matrixProduct(backend, {
    ...product,
    name: `Fused${product.name}`,
    outputShape: [packing.total],
    columnSums: true,
  });
  const both = unpack(backend, packed, packing, [product.outputShape, [product.columns]]);
  backend.disposeData(packed.dataId);
  return both;
}
