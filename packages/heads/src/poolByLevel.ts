import * as tf from '@tensorflow/tfjs-core';
import { gatherRows } from './gatherRows';

/**
 * Regions pooled level by level, then put back in their order; differentiable.
 *
 * @param levels `[R]`, R ≥ 1: the level of each region
 * @param pool features of some regions, by their indices, from one level: one row a region
 * @returns `[R, …]`
 */
export function poolByLevel(
  levels: Int32Array,
  pool: (level: number, rows: Int32Array) => tf.Tensor4D,
): tf.Tensor4D {
  return tf.tidy(() => {
    const used = [...new Set(levels)].sort((a, b) => a - b);
    const rows = used.map((level) => rowsWith(levels, level));
    const pooled = used.map((level, i) => pool(level, rows[i]!));
    return pooled.length === 1 ? pooled[0]! : gatherRows(tf.concat4d(pooled, 0), placesOf(rows));
  });
}

function rowsWith(levels: Int32Array, level: number): Int32Array {
  const rows = new Int32Array(levels.length);
  let length = 0;
  for (let row = 0; row < levels.length; row++) if (levels[row] === level) rows[length++] = row;
  return rows.slice(0, length);
}

/** Where each row went when the lists were put one after the other. */
function placesOf(lists: readonly Int32Array[]): Int32Array {
  const places = new Int32Array(lists.reduce((sum, { length }) => sum + length, 0));
  let place = 0;
  for (const rows of lists) for (let i = 0; i < rows.length; i++) places[rows[i]!] = place++;
  return places;
}
