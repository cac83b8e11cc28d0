import type { StateDict } from '@roikit/weights';

/**
 * @param caller the function named in the error
 * @throws RangeError that names the tensors which hold NaN or infinities: a network with such weights finds nothing, and says so of every picture
 */
export function assertFinite(caller: string, state: StateDict): void {
  const bad = [...state].filter(([, { data }]) => !isFiniteArray(data)).map(([name]) => name);
  if (bad.length === 0) return;
  const shown = bad.slice(0, 5).join(', ') + (bad.length > 5 ? ` and ${bad.length - 5} more` : '');
  throw new RangeError(
    `${caller}: the weights hold NaN or infinite values in ${shown}; train again, or take an earlier checkpoint`,
  );
}

function isFiniteArray(data: ArrayLike<number | bigint>): boolean {
  if (!(data instanceof Float32Array || data instanceof Float64Array)) return true;
  for (let i = 0; i < data.length; i++) if (!Number.isFinite(data[i])) return false;
  return true;
}
