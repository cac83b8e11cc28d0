import type { RunInfo } from '../types';
import type { ShardResult } from './messages';
import { ChildDied, startSlot, type ChildOptions, type Slot } from './slot';

/** Children, of which one that dies is replaced. */
export interface Slots {
  readonly count: number;
  readonly detail: string;
  /** On a child that is free; there must be one. @throws as `Slot.run` */
  run(shard: number): Promise<ShardResult>;
  stop(): void;
}

/** A child that could work once may fail to start when the machine is short of memory; one that never can is not tried for ever. */
const MOST_STARTS = 3;

/** @throws Error with the child's own message where it can't work */
export async function startSlots(
  child: ChildOptions,
  { count: asked, ...others }: { count?: number; run: RunInfo; patience: number },
): Promise<Slots> {
  if (asked !== undefined && (!Number.isInteger(asked) || asked < 1))
    throw new RangeError(`work: slots must be a positive integer, got ${asked}`);
  const start = () => startSlot(child, others);
  const first = await start(); // one says what is wrong as well as all
  const count = asked ?? first.room;
  const all = new Set<Slot>([first]);
  const free: (Slot | undefined)[] = [first, ...Array<undefined>(count - 1).fill(undefined)];
  let stopped = false;
  const keep = (slot: Slot): Slot => {
    all.add(slot);
    if (stopped) slot.stop();
    return slot;
  };
  const stop = (): void => {
    stopped = true;
    for (const slot of all) slot.stop();
  };
  return {
    count,
    detail: first.detail,
    stop,
    run: async (shard) => {
      let slot = free.shift();
      try {
        slot ??= keep(await restart(start));
        return await slot.run(shard);
      } catch (error) {
        if (slot && error instanceof ChildDied) {
          all.delete(slot);
          slot = undefined;
        }
        throw error;
      } finally {
        free.unshift(slot);
      }
    },
  };
}

/** @throws Error of the last start */
async function restart(start: () => Promise<Slot>): Promise<Slot> {
  for (let tries = 1; ; tries++) {
    try {
      return await start();
    } catch (error) {
      const why = (error as Error).message;
      if (tries === MOST_STARTS)
        throw new Error(`work: no child could be started ${tries} times (${why})`, { cause: error });
    }
  }
}
