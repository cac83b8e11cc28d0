import type * as tf from '@tensorflow/tfjs-core';

/** What one update does to each parameter. */
export interface UpdateRule {
  rates: number[];
  weightDecays: number[];
  /** What gradients are multiplied by, from clipping. */
  scale: number;
  momentum: number;
  betas: readonly [number, number];
  /** Counted from 1. */
  step: number;
}

/** How parameters are updated, and what the rule remembers of them: SGD's velocity, or Adam's two moments. */
export interface Update {
  /** @param gradients in the parameters' order */
  apply(gradients: tf.Tensor[], rule: UpdateRule): void;
  /** Moments by parameter. */
  read(): Promise<Float32Array[][]>;
  write(moments: Float32Array[][]): void;
  dispose(): void;
}

export type UpdateType = 'sgd' | 'adamw';

/** How many moments a rule has. */
export const MOMENTS = { sgd: 1, adamw: 2 };
