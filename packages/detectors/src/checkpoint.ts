import type { SeededRandom } from '@roikit/geometry';
import type { StateDict } from '@roikit/weights';
import type { FastRCNN } from './fastRCNN';
import type { Optimizer } from './optimizer';
import { readParameters, withPrefix, writeParameters } from './parameters';
import type { Losses } from './types';

/** How far a run has come. */
export interface TrainProgress {
  /** Finished epochs. */
  epoch: number;
  /** Finished steps of the current epoch. */
  step: number;
  /** Sample indices of the current epoch, in the order they are visited. */
  order: number[];
  /** Sums over the steps of the current epoch. */
  lossSums: Losses;
  /** Best AP50 on the validation set so far; −1 before the first. */
  bestAp50: number;
}

/** Where a run's state is kept. `save` must be atomic: a reader sees the old state or the new one. */
export interface CheckpointStore {
  /** The last saved state, or undefined where there is none. */
  load(): Promise<StateDict | undefined>;
  save(state: StateDict): Promise<void>;
}

/** The parts of a run that a checkpoint holds. */
export interface Run {
  detector: FastRCNN;
  optimizer: Optimizer;
  random: SeededRandom;
  progress: TrainProgress;
}

const encoder = new TextEncoder();

/** Weights, optimizer state, and as JSON the progress and the generator's state: all that a step depends on. */
export async function packRun({ detector, optimizer, random, progress }: Run): Promise<StateDict> {
  const json = encoder.encode(JSON.stringify({ progress, randomState: random.state }));
  const state: StateDict = new Map();
  state.set('run', { dtype: 'uint8', shape: [json.length], data: json });
  for (const [name, tensor] of await readParameters(detector)) state.set(`weights.${name}`, tensor);
  for (const [name, tensor] of await optimizer.state()) state.set(`optimizer.${name}`, tensor);
  return state;
}

/** Puts a packed run back; returns its progress. */
export function unpackRun(
  state: StateDict,
  { detector, optimizer, random }: Omit<Run, 'progress'>,
): TrainProgress {
  const run = state.get('run');
  if (run === undefined)
    throw new RangeError("train: the checkpoint has no entry 'run'; it is not one of roikit's");
  const { progress, randomState } = JSON.parse(new TextDecoder().decode(run.data as Uint8Array));
  writeParameters(detector, withPrefix(state, 'weights.'));
  optimizer.restore(withPrefix(state, 'optimizer.'));
  random.state = randomState;
  return progress as TrainProgress;
}
