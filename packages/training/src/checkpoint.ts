import type { SeededRandom } from '@roikit/geometry';
import { assertFinite, type StateDict } from '@roikit/weights';
import { settingDifferences } from './settingDifferences';
import { storedTraining } from './storedSettings';

/** Where a run's state is kept. `save` must be atomic: a reader sees the old state or the new one. */
export interface CheckpointStore {
  /** The last saved state, or undefined where there is none. */
  load(): Promise<StateDict | undefined>;
  /** Replaces the last saved state. */
  save(state: StateDict): Promise<void>;
}

/** What holds weights: a detector, a classifier. */
export interface Trainee {
  /** All weights by name. */
  stateDict(): Promise<StateDict>;
  /** Sets all weights. */
  load(state: StateDict): void;
}

/** What a run was started with, as JSON: settings, and a fingerprint of the data. Only a run with the same can go on. */
export type RunSettings = Record<string, unknown>;

interface RunHeader {
  phase: string;
  settings: RunSettings;
  randomState: number;
}

export interface PackedRun extends RunHeader {
  phaseState: StateDict;
}

const HEADER = 'run';

/** Weights, the phase's own state, and as JSON which phase it is and the generator's state: all that the next step depends on. */
export async function packRun(trainee: Trainee, { phaseState, ...header }: PackedRun): Promise<StateDict> {
  const json = new TextEncoder().encode(JSON.stringify(header));
  return new Map([
    [HEADER, { dtype: 'uint8', shape: [json.length], data: json }],
    ...prefixed('weights.', await trainee.stateDict()),
    ...prefixed('phase.', phaseState),
  ]);
}

/**
 * Puts a packed run's weights and random state back.
 *
 * @throws RangeError where the checkpoint is not one of roikit's, or was made with other settings, which are named
 */
export function unpackRun(
  state: StateDict,
  { trainee, settings, random }: { trainee: Trainee; settings: RunSettings; random: SeededRandom },
): PackedRun {
  const header = readHeader(state);
  assertFinite(state, 'the checkpoint');
  const differences = settingDifferences(asStored(header.settings), settings);
  if (differences.length > 0) {
    throw new RangeError(
      `train: the checkpoint was made with other settings: ${differences.join('; ')}. ` +
        'Resume with the settings the run was started with, or start a new one',
    );
  }
  trainee.load(withPrefix(state, 'weights.'));
  random.state = header.randomState;
  return { ...header, phaseState: withPrefix(state, 'phase.') };
}

function asStored(settings: RunSettings): RunSettings {
  const { training } = settings;
  return training === undefined ? settings : { ...settings, training: storedTraining(training) };
}

function readHeader(state: StateDict): RunHeader {
  const entry = state.get(HEADER);
  const cure = 'start the run anew, or resume it with the version of roikit that wrote it';
  if (entry === undefined) throw new RangeError(`train: the checkpoint has no entry '${HEADER}'; ${cure}`);
  const header = JSON.parse(new TextDecoder().decode(entry.data as Uint8Array)) as Partial<RunHeader>;
  if (header.phase === undefined || header.settings === undefined || header.randomState === undefined) {
    throw new RangeError(
      `train: the checkpoint's entry '${HEADER}' lacks phase, settings or randomState; ${cure}`,
    );
  }
  return header as RunHeader;
}

/** The same entries under names that start with `prefix`. */
export function prefixed(prefix: string, state: StateDict): StateDict {
  return new Map([...state].map(([name, tensor]) => [prefix + name, tensor]));
}

/** The entries whose names start with `prefix`, without it. */
export function withPrefix(state: StateDict, prefix: string): StateDict {
  const entries = [...state].filter(([name]) => name.startsWith(prefix));
  return new Map(entries.map(([name, tensor]) => [name.slice(prefix.length), tensor]));
}
