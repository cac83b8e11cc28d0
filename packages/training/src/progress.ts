import type { StateDict } from '@roikit/weights';
import type { Losses } from './events';

/** How far gradient descent has come. */
export interface Progress {
  /** Finished epochs. */
  epoch: number;
  /** Finished steps of the current epoch. */
  step: number;
  /** Items of the current epoch, in the order they are visited; empty before it is drawn. */
  order: number[];
  /** Sums over the steps of the current epoch. */
  lossSums: Losses;
  /** Best validation score so far, −1 before the first, and its epoch, 0 before the first. */
  bestScore: number;
  bestEpoch: number;
}

export function newProgress(): Progress {
  return { epoch: 0, step: 0, order: [], lossSums: { total: 0 }, bestScore: -1, bestEpoch: 0 };
}

export function addLosses(sums: Losses, losses: Losses): void {
  for (const [name, value] of Object.entries(losses)) sums[name] = (sums[name] ?? 0) + value;
}

export function meanLosses(sums: Losses, count: number): Losses {
  const means = Object.entries(sums).map(([name, sum]) => [name, sum / count]);
  return Object.fromEntries(means) as Losses;
}

const ENTRY = 'progress';

export function packProgress(progress: Progress): StateDict {
  const json = new TextEncoder().encode(JSON.stringify(progress));
  return new Map([[ENTRY, { dtype: 'uint8', shape: [json.length], data: json }]]);
}

export function unpackProgress(state: StateDict): Progress {
  const entry = state.get(ENTRY);
  if (entry === undefined)
    throw new RangeError(`train: the checkpoint has no entry '${ENTRY}'; start the run anew`);
  return JSON.parse(new TextDecoder().decode(entry.data as Uint8Array)) as Progress;
}
