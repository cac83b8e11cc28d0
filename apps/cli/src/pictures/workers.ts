import { availableParallelism } from 'node:os';

/** As many workers as were asked for and have something to do: each holds the weights and takes a core. */
export function usefulWorkers(asked: number, pictures: number): number {
  return Math.max(1, Math.min(asked, pictures, availableParallelism()));
}
