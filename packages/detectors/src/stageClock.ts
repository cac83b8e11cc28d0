import * as tf from '@tensorflow/tfjs-core';

/** Milliseconds by stage. */
export type StageTimings = Record<string, number>;

/** Engines that answer before they have computed: their queue is drained where a stage's time is taken. */
const QUEUED = new Set(['webgpu', 'webgl']);

/** Takes the time of stages one after the other. */
export class StageClock {
  readonly timings: StageTimings = {};
  private readonly exact: boolean;
  private last = performance.now();

  /** @param options `exact`: whether a GPU's queue is drained at the end of each stage. @default true */
  constructor({ exact = true }: { exact?: boolean | undefined } = {}) {
    this.exact = exact;
  }

  /**
   * Ends a stage; its time is added to what it has already.
   *
   * @param result of the stage: on a GPU its first value is waited for, which comes after all that was queued before it
   */
  async lap(stage: string, result?: tf.Tensor): Promise<void> {
    const queued = this.exact && QUEUED.has(tf.getBackend());
    if (queued && result !== undefined && result.size > 0) await drain(result);
    const now = performance.now();
    this.timings[stage] = (this.timings[stage] ?? 0) + now - this.last;
    this.last = now;
  }
}

async function drain(tensor: tf.Tensor): Promise<void> {
  const first = tf.tidy(() => tf.slice(tf.reshape(tensor, [tensor.size]), 0, 1));
  await first.data();
  first.dispose();
}
