import * as tf from '@tensorflow/tfjs-core';
import type { Losses } from './events';
import { globalNorm, type Optimizer } from './optimizer';

/** Loss terms by name; their sum is what is minimised. */
export type LossTerms = Record<string, tf.Scalar>;

export interface GradientStepOptions {
  learningRate: number;
  /** Where the run is and what it looks at, for the error: `epoch 2, step 14 (a, b)`. */
  where: () => string;
}

/**
 * One update of the optimizer's variables. Loss and gradients are looked at before anything is changed.
 *
 * @param forward several are gone through one after the other, for less memory; their terms add up
 * @throws DivergenceError where one of them is not finite; the weights are then those of the step before
 */
export async function gradientStep(
  optimizer: Optimizer,
  forward: (() => LossTerms) | readonly (() => LossTerms)[],
  { learningRate, where }: GradientStepOptions,
): Promise<Losses> {
  const { value, terms, grads } = summedGradients([forward].flat(), optimizer.variables);
  const norm = globalNorm(grads);
  // One read for all: on a GPU each waits for the device.
  const readings = tf.tidy(() => tf.stack([value, norm, ...Object.values(terms)]));
  try {
    const [total, gradientNorm, ...values] = (await readings.data()) as unknown as [
      number,
      number,
      ...number[],
    ];
    if (!Number.isFinite(total)) throw new DivergenceError(`the loss became ${total}`, where());
    if (!Number.isFinite(gradientNorm))
      throw new DivergenceError(`the gradients became ${gradientNorm}`, where());
    optimizer.step(grads, { learningRate, norm: gradientNorm });
    return { total, ...Object.fromEntries(Object.keys(terms).map((name, i) => [name, values[i] as number])) };
  } finally {
    tf.dispose([value, norm, readings, ...Object.values(terms), ...Object.values(grads)]);
  }
}

interface LossGradients {
  value: tf.Scalar;
  terms: LossTerms;
  grads: tf.NamedTensorMap;
}

/** One forward and backward pass after the other. */
function summedGradients(forwards: (() => LossTerms)[], variables: tf.Variable[]): LossGradients {
  let sum = lossGradients(forwards[0]!, variables);
  for (const forward of forwards.slice(1)) sum = added(sum, lossGradients(forward, variables));
  return sum;
}

function lossGradients(forward: () => LossTerms, variables: tf.Variable[]): LossGradients {
  let terms: LossTerms = {};
  const { value, grads } = tf.variableGrads(() => {
    terms = forward();
    for (const term of Object.values(terms)) tf.keep(term);
    return tf.addN(Object.values(terms)) as tf.Scalar;
  }, variables);
  return { value, terms, grads };
}

/** Both, number by number; what went in is freed. */
function added(a: LossGradients, b: LossGradients): LossGradients {
  const sums = <Map extends tf.NamedTensorMap>(a: Map, b: Map) =>
    Object.fromEntries(Object.keys(a).map((name) => [name, tf.add(a[name]!, b[name]!)])) as Map;
  const sum = {
    value: tf.add<tf.Scalar>(a.value, b.value),
    terms: sums(a.terms, b.terms),
    grads: sums(a.grads, b.grads),
  };
  for (const { value, terms, grads } of [a, b])
    tf.dispose([value, ...Object.values(terms), ...Object.values(grads)]);
  return sum;
}

/** Training went astray; the weights are the last good ones. */
export class DivergenceError extends Error {
  override name = 'DivergenceError';

  constructor(what: string, where: string) {
    super(
      `train: ${what} in ${where}; the weights are still those of the step before. ` +
        'Lower optimizer.learningRate, or set optimizer.clipNorm',
    );
  }
}
