import * as tf from '@tensorflow/tfjs-core';
import { settle } from '../../src/index';

export interface Timing {
  name: string;
  /** Milliseconds of one call, waited for each time: median of `runs`. */
  ms: number;
  /** Milliseconds a call when several are queued and waited for together: what is left when the waiting is taken away. */
  queuedMs: number;
  runs: number;
}

/** What a measurement may take, and how many calls are queued at a time. */
const BUDGET_MS = 400;
const MOST_RUNS = 30;
const QUEUED = 10;

/** Times what makes a tensor; each is dropped. */
export function time(name: string, run: () => tf.Tensor | tf.Tensor[]): Promise<Timing> {
  return timeAsync(name, async () => tf.dispose(tf.tidy(run)));
}

/** Times what drops its own tensors. What it does must not depend on earlier calls. */
export async function timeAsync(name: string, call: () => Promise<unknown>): Promise<Timing> {
  for (let i = 0; i < 2; i++) await call(); // compiles
  await settle();
  const times: number[] = [];
  const end = performance.now() + BUDGET_MS;
  while (times.length < 3 || (times.length < MOST_RUNS && performance.now() < end)) {
    const start = performance.now();
    await call();
    await settle();
    times.push(performance.now() - start);
  }
  const start = performance.now();
  for (let i = 0; i < QUEUED; i++) await call();
  await settle();
  const queuedMs = (performance.now() - start) / QUEUED;
  const ms = times.sort((a, b) => a - b)[times.length >> 1]!;
  return { name, ms: rounded(ms), queuedMs: rounded(queuedMs), runs: times.length };
}

const rounded = (ms: number): number => Number(ms.toPrecision(4));
