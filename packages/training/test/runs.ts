import { readStateDict, writeSafetensors, type StateDict } from '@roikit/weights';
import type { CheckpointStore } from '../src';

// What tests of runs need, here and in the packages that train.

type Losses = Readonly<Record<string, number>>;

/** All events of a run. */
export async function collect<Event>(events: AsyncIterable<Event>): Promise<Event[]> {
  const all: Event[] = [];
  for await (const event of events) all.push(event);
  return all;
}

/** The losses of each step: terms and their sum. */
export const stepLosses = (events: readonly { type: string; losses?: Losses }[]): Losses[] =>
  events.flatMap(({ type, losses }) => (type === 'step' ? [losses!] : []));

/** The loss of each step. */
export const lossesOf = (events: Parameters<typeof stepLosses>[0]): number[] =>
  stepLosses(events).map(({ total }) => total!);

/** A checkpoint that keeps what it is given. */
export function memoryCheckpoint(): CheckpointStore & { saved?: StateDict } {
  const store: CheckpointStore & { saved?: StateDict } = {
    load: async () => store.saved && structuredClone(store.saved),
    save: async (state) => void (store.saved = structuredClone(state)),
  };
  return store;
}

/** A checkpoint that is written and read as a file would be. */
export function fileCheckpoint(): CheckpointStore & { file?: Uint8Array } {
  const store: CheckpointStore & { file?: Uint8Array } = {
    load: async () => store.file && readStateDict(store.file),
    save: async (state) => void (store.file = writeSafetensors(state)),
  };
  return store;
}
