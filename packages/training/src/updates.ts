import * as tf from '@tensorflow/tfjs-core';

/** A variable and what its rule remembers of it. */
interface Moved {
  variable: tf.Variable;
  moments: tf.Variable[];
}

interface Rate {
  rate: number;
  weightDecay: number;
}

/** PyTorch's SGD with momentum: v ← μ v + g + λ w;  w ← w − η v. */
export function sgdUpdate(
  { variable, moments }: Moved,
  gradient: tf.Tensor,
  { rate, weightDecay, momentum }: Rate & { momentum: number },
): void {
  const [velocity] = moments as [tf.Variable];
  const decayed = weightDecay === 0 ? gradient : tf.add(gradient, tf.mul(variable, weightDecay));
  velocity.assign(tf.add(tf.mul(velocity, momentum), decayed));
  variable.assign(tf.sub(variable, tf.mul(velocity, rate)));
}

/** AdamW: Loshchilov & Hutter 2019, Algorithm 2. */
export function adamwUpdate(
  { variable, moments }: Moved,
  gradient: tf.Tensor,
  { rate, weightDecay, betas, step }: Rate & { betas: readonly [number, number]; step: number },
): void {
  const [m, v] = moments as [tf.Variable, tf.Variable];
  m.assign(tf.add(tf.mul(m, betas[0]), tf.mul(gradient, 1 - betas[0])));
  v.assign(tf.add(tf.mul(v, betas[1]), tf.mul(tf.square(gradient), 1 - betas[1])));
  const denominator = tf.add(tf.mul(tf.sqrt(v), 1 / Math.sqrt(1 - betas[1] ** step)), 1e-8);
  const update = tf.mul(tf.div(m, denominator), rate / (1 - betas[0] ** step));
  const kept = weightDecay === 0 ? variable : tf.mul(variable, 1 - rate * weightDecay);
  variable.assign(tf.sub(kept, update));
}
