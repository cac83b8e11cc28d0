import type { SeededRandom } from '@roikit/geometry';
import type { StateDict } from '@roikit/weights';
import { packRun, unpackRun, type CheckpointStore, type RunSettings, type Trainee } from './checkpoint';
import type { TrainEvent } from './events';

/** A part of a training run that can be stopped and taken up again: gradient descent, or fitting SVMs. */
export interface Phase<Report = unknown> {
  /**
   * Works from where it is to its end; returns false where the signal stopped it. `save` keeps the run's state and
   * yields the event for it; `resumed` tells whether this phase was taken up from a checkpoint.
   */
  run(context: PhaseContext<Report>): AsyncGenerator<TrainEvent<Report>, boolean>;
  /** All that it goes on from, but the weights. */
  state(): Promise<StateDict>;
  /** Takes up what `state` returned. */
  restore(state: StateDict): void;
  /** Frees what the phase made for itself. */
  dispose(): void;
}

export interface PhaseContext<Report = unknown> {
  signal?: AbortSignal;
  resumed: boolean;
  /** Writes a checkpoint where there is a store, and says so. */
  save(): AsyncGenerator<TrainEvent<Report>, void>;
}

export interface PhaseEntry<Report = unknown> {
  name: string;
  /** Called when its turn comes: what came before may have changed the weights. */
  create(): Phase<Report>;
}

export interface RunPhasesOptions {
  /** An existing state is taken up. */
  checkpoint?: CheckpointStore;
  /** What the run is started with; a checkpoint made with anything else is refused. */
  settings: RunSettings;
  signal?: AbortSignal;
  /** The run's generator; its state is part of a checkpoint. */
  random: SeededRandom;
}

/**
 * Runs phases one after the other, from a checkpoint where there is one. A run that is stopped at any moment and taken up
 * goes through the same losses as one that never stopped.
 */
export async function* runPhases<Report>(
  trainee: Trainee,
  phases: readonly PhaseEntry<Report>[],
  { checkpoint, settings, signal, random }: RunPhasesOptions,
): AsyncGenerator<TrainEvent<Report>> {
  const state = await checkpoint?.load();
  const saved = state && unpackRun(state, { trainee, settings, random });
  const first = saved ? indexOfPhase(phases, saved.phase) : 0;
  for (const [i, { name, create }] of phases.slice(first).entries()) {
    const phase = create();
    try {
      if (saved && i === 0) phase.restore(saved.phaseState);
      const save = async function* (): AsyncGenerator<TrainEvent<Report>, void> {
        if (checkpoint === undefined) return;
        const phaseState = await phase.state();
        await checkpoint.save(
          await packRun(trainee, { phase: name, settings, randomState: random.state, phaseState }),
        );
        yield { type: 'checkpoint', phase: name };
      };
      const ended = yield* phase.run({ signal, save, resumed: saved !== undefined && i === 0 });
      if (!ended) return yield { type: 'stopped', phase: name };
    } finally {
      phase.dispose();
    }
  }
  yield { type: 'done' };
}

function indexOfPhase(phases: readonly { name: string }[], name: string): number {
  const index = phases.findIndex((phase) => phase.name === name);
  if (index >= 0) return index;
  const known = phases.map((phase) => phase.name).join(', ');
  throw new RangeError(
    `train: the checkpoint stands in the phase '${name}', which this run does not have (${known}); resume with the settings it was started with`,
  );
}
