import type { StateDict } from './stateDict';

/**
 * Throws where a tensor holds NaN or an infinity: a network with such weights answers nothing, and training goes on from
 * them to nothing.
 *
 * @param file where they come from, for the message.
 * @throws RangeError naming the file, the tensor, its first such element and how many there are.
 */
export function assertFinite(stateDict: StateDict, file: string): void {
  for (const [name, { data }] of stateDict) {
    if (!(data instanceof Float32Array || data instanceof Float64Array)) continue;
    const first = data.findIndex((value) => !Number.isFinite(value));
    if (first < 0) continue;
    let count = 0;
    for (const value of data) if (!Number.isFinite(value)) count++;
    throw new RangeError(
      `assertFinite: ${file}: ${name} holds ${data[first]} at element ${first}, and ${count} of ${data.length} ` +
        'are not finite: the training that wrote it diverged; take an earlier file',
    );
  }
}
