import { EigenvalueDecomposition, Matrix } from 'ml-matrix';

export interface TruncatedSvdOptions {
  rows: number;
  columns: number;
  /** t: singular values that are kept. */
  rank: number;
}

/** W ≈ second · first. */
export interface TruncatedSvd {
  /** ΣVᵀ `[rank, columns]` */
  first: Float32Array;
  /** U `[rows, rank]` */
  second: Float32Array;
  /** ‖W − second · first‖ / ‖W‖, Frobenius. */
  error: number;
}

/**
 * The best approximation of a layer's weights by two smaller layers (Fast R-CNN §3.1): u·v weights become t(u + v).
 *
 * From the eigenvectors of WWᵀ or WᵀW, whichever is smaller: the small singular values are only as good as √ε, but those
 * are dropped.
 *
 * @param weights W `[rows, columns]`, row by row: outputs × inputs
 * @throws RangeError where sizes do not fit
 */
export function truncatedSvd(weights: Float32Array, options: TruncatedSvdOptions): TruncatedSvd {
  checkSizes(weights, options);
  const { rows, columns, rank } = options;
  const isWide = columns >= rows;
  const gram = isWide ? products(weights, options) : products(transposed(weights, options), swapped(options));
  const { vectors, values } = leading(gram, rank);
  const kept = values.slice(0, rank).reduce((sum, value) => sum + value, 0);
  const all = values.reduce((sum, value) => sum + value, 0);
  const error = Math.sqrt(Math.max(0, 1 - kept / Math.max(all, Number.MIN_VALUE)));
  // Wide: U are the vectors, ΣVᵀ = UᵀW. Tall: V are, and U · Σ = WV; Σ may stand on either side.
  if (isWide)
    return {
      second: vectors,
      first: multiplied(transposed(vectors, { rows, columns: rank }), weights, [rank, rows, columns]),
      error,
    };
  return {
    second: multiplied(weights, vectors, [rows, columns, rank]),
    first: transposed(vectors, { rows: columns, columns: rank }),
    error,
  };
}

const swapped = ({ rows, columns }: Shape): Shape => ({ rows: columns, columns: rows });

interface Shape {
  rows: number;
  columns: number;
}

/** A Aᵀ */
function products(a: Float32Array, { rows, columns }: Shape): Matrix {
  const result = new Matrix(rows, rows);
  for (let i = 0; i < rows; i++) {
    for (let j = i; j < rows; j++) {
      let sum = 0;
      for (let k = 0, x = i * columns, y = j * columns; k < columns; k++, x++, y++) sum += a[x]! * a[y]!;
      result.set(i, j, sum);
      result.set(j, i, sum);
    }
  }
  return result;
}

/** Eigenvectors of the `rank` largest eigenvalues, as columns; all eigenvalues, the largest first. */
function leading(gram: Matrix, rank: number): { vectors: Float32Array; values: number[] } {
  const { eigenvectorMatrix, realEigenvalues } = new EigenvalueDecomposition(gram, { assumeSymmetric: true });
  const order = [...realEigenvalues.keys()].sort((a, b) => realEigenvalues[b]! - realEigenvalues[a]!);
  const side = order.length;
  const vectors = new Float32Array(side * rank);
  for (let i = 0; i < side; i++) {
    for (let k = 0; k < rank; k++) vectors[i * rank + k] = eigenvectorMatrix.get(i, order[k]!);
  }
  return { vectors, values: order.map((i) => Math.max(0, realEigenvalues[i]!)) };
}

function transposed(a: Float32Array, { rows, columns }: Shape): Float32Array {
  const result = new Float32Array(a.length);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) result[j * rows + i] = a[i * columns + j]!;
  return result;
}

/** `[n, k]` × `[k, m]` */
function multiplied(a: Float32Array, b: Float32Array, [n, k, m]: [number, number, number]): Float32Array {
  const result = new Float32Array(n * m);
  const row = new Float64Array(m);
  for (let i = 0; i < n; i++) {
    row.fill(0);
    for (let j = 0; j < k; j++) {
      const x = a[i * k + j]!;
      for (let c = 0, y = j * m; c < m; c++, y++) row[c] = row[c]! + x * b[y]!;
    }
    result.set(row, i * m);
  }
  return result;
}

function checkSizes(weights: Float32Array, { rows, columns, rank }: TruncatedSvdOptions): void {
  if (weights.length !== rows * columns) {
    throw new RangeError(
      `truncatedSvd: weights must be [rows, columns] = [${rows}, ${columns}], got ${weights.length} numbers`,
    );
  }
  const at = weights.findIndex((value) => !Number.isFinite(value));
  if (at >= 0) throw new RangeError(`truncatedSvd: weights must be finite, got ${weights[at]} at ${at}`);
  if (!Number.isInteger(rank) || rank < 1 || rank > Math.min(rows, columns)) {
    throw new RangeError(`truncatedSvd: rank must be from 1 to ${Math.min(rows, columns)}, got ${rank}`);
  }
}
