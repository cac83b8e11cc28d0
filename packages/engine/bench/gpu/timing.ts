import * as tf from '@tensorflow/tfjs-core';
import { settle } from '../../src/index';

export interface Timing {
  name: string;
  /** Milliseconds of one call, waited for each time: median of `runs`. */
  ms: number;
  /** Milliseconds a call when up to ten are queued and waited for together: what is left when the waiting is taken away. */
  queuedMs: number;
  runs: number;
}

/** What a measurement may take, how many calls are queued at a time (as many as fit), and rounds of a comparison. */
interface Effort {
  budgetMs: number;
  leastRuns: number;
  mostRuns: number;
  queued: number;
  rounds: number;
}

/** Where the CPU plays the GPU's part a call may be seconds, and its time says little anyway. */
export const efforts = {
  full: { budgetMs: 400, leastRuns: 3, mostRuns: 30, queued: 10, rounds: 4 },
  quick: { budgetMs: 0, leastRuns: 1, mostRuns: 1, queued: 1, rounds: 1 },
} satisfies Record<string, Effort>;

/** Takes times, after a call that compiles. */
export class Stopwatch {
  readonly #effort: Effort;
  readonly #isSoftware: boolean;

  constructor(effort: Effort, isSoftware: boolean) {
    this.#effort = effort;
    this.#isSoftware = isSoftware;
  }

  /** Times what makes a tensor; each is dropped. */
  time(name: string, run: () => tf.Tensor | tf.Tensor[]): Promise<Timing> {
    return this.timeAsync(name, async () => tf.dispose(tf.tidy(run)));
  }

  /** Times what drops its own tensors. What it does must not depend on earlier calls. */
  async timeAsync(name: string, call: () => Promise<unknown>): Promise<Timing> {
    const { budgetMs, leastRuns, mostRuns, queued } = this.#effort;
    await call();
    await settle();
    const times: number[] = [];
    const end = performance.now() + budgetMs;
    while (times.length < leastRuns || (times.length < mostRuns && performance.now() < end)) {
      const start = performance.now();
      await call();
      await settle();
      times.push(performance.now() - start);
    }
    const ms = times.sort((a, b) => a - b)[times.length >> 1]!;
    const calls = Math.max(1, Math.min(queued, Math.floor(budgetMs / ms)));
    const start = performance.now();
    for (let i = 0; i < calls; i++) await call();
    await settle();
    const queuedMs = (performance.now() - start) / calls;
    console.error(name, rounded(ms)); // where a run is, as its twin says
    return { name, ms: rounded(ms), queuedMs: rounded(queuedMs), runs: times.length };
  }

  /** Milliseconds of each, the least of some rounds in which they take turns. */
  async compare(functions: (() => tf.Tensor)[]): Promise<number[]> {
    const best = functions.map(() => Infinity);
    for (let round = 0; round <= this.#effort.rounds; round++) {
      for (const [i, f] of functions.entries()) {
        await settle();
        const start = this.#now();
        f().dispose();
        await settle();
        if (round > 0) best[i] = Math.min(best[i]!, this.#now() - start);
      }
    }
    return best.map(rounded);
  }

  /** Of the CPU where it plays the GPU's part, which other work does not change: the driver's threads are this process's. */
  #now(): number {
    const { user, system } = process.cpuUsage();
    return this.#isSoftware ? (user + system) / 1000 : performance.now();
  }
}

const rounded = (ms: number): number => Number(ms.toPrecision(4));
