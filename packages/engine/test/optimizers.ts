import * as tf from '@tensorflow/tfjs-core';

/** The updates of packages/training/src/updates.ts, written out once more on plain arrays in double precision. */
export interface PlainParameter {
  values: number[];
  gradient: number[];
  moments: number[][];
  rate: number;
  decay: number;
}

export function sgdTwin(
  { values, gradient, moments, rate, decay }: PlainParameter,
  { momentum, scale }: { momentum: number; scale: number },
) {
  const velocity = values.map((w, i) => momentum * moments[0]![i]! + scale * gradient[i]! + decay * w);
  return [values.map((w, i) => w - rate * velocity[i]!), velocity];
}

export function adamwTwin(
  { values, gradient, moments, rate, decay }: PlainParameter,
  { betas: [a, b], step, scale }: { betas: [number, number]; step: number; scale: number },
) {
  const g = gradient.map((value) => value * scale);
  const mean = g.map((value, i) => a * moments[0]![i]! + (1 - a) * value);
  const square = g.map((value, i) => b * moments[1]![i]! + (1 - b) * value ** 2);
  const after = values.map((w, i) => {
    const [mHat, vHat] = [mean[i]! / (1 - a ** step), square[i]! / (1 - b ** step)];
    return w - rate * (mHat / (Math.sqrt(vHat) + 1e-8) + decay * w);
  });
  return [after, mean, square];
}

/** Runs a kernel whose inputs are a list. */
export function runList(kernel: string, inputs: tf.Tensor[], attrs: object): tf.Tensor[] {
  const named = inputs as unknown as tf.NamedTensorMap;
  return [tf.engine().runKernel(kernel, named, attrs as tf.NamedAttrMap)].flat() as tf.Tensor[];
}

/**
 * One update of parameters that have a tensor for each moment: a kernel wants a moment of all of them in one.
 *
 * @returns new values and new moments, by parameter
 */
export function runUpdate(
  kernel: 'FusedSgd' | 'FusedAdamW',
  parameters: { values: tf.Tensor; gradient: tf.Tensor; moments: tf.Tensor[] }[],
  attrs: object,
): tf.Tensor[][] {
  return tf.tidy(() => {
    const flat = parameters[0]!.moments.map((_, j) =>
      tf.concat(parameters.map(({ moments }) => tf.reshape(moments[j]!, [-1]))),
    );
    const lists = [parameters.map(({ values }) => values), parameters.map(({ gradient }) => gradient), flat];
    const updated = runList(kernel, lists.flat(), attrs);
    const sizes = parameters.map(({ values }) => values.size);
    const moments = updated.slice(parameters.length).map((moment) => tf.split(moment, sizes));
    return parameters.map(({ values: { shape } }, i) => [
      updated[i]!,
      ...moments.map((list) => tf.reshape(list[i]!, shape)),
    ]);
  });
}
