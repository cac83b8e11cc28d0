import * as tf from '@tensorflow/tfjs-core';
import { resnet50, squeezenet1_1 } from '../../backbones/src/index';

export interface Timing {
  network: string;
  forwardMs: number;
  stepMs: number | undefined;
}

const networks = { squeezenet1_1, resnet50 };
export const trainBatch = 4;

/** Median of as many rounds as fit `budgetMs`, 1 to 5, after one that compiles what is to be compiled. */
async function median(run: () => Promise<unknown>, budgetMs: number): Promise<number> {
  const times: number[] = [];
  let spent = 0;
  for (let i = 0; times.length < 5 && (times.length < 1 || spent < budgetMs); i++) {
    const start = performance.now();
    await run();
    const ms = performance.now() - start;
    spent += ms;
    if (i > 0 || ms > budgetMs) times.push(ms);
  }
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)]!;
}

/** Waits for the values, as every use of them does. */
async function read(tensors: tf.Tensor[]): Promise<void> {
  await Promise.all(tensors.map((tensor) => tensor.data()));
  tf.dispose(tensors);
}

/**
 * A forward pass of one image at 224×224 and the gradients of a batch of `trainBatch`, on the current backend. The training
 * step is left out where ten forward passes would take longer than `budgetMs`.
 */
export async function measureNetworks({ budgetMs }: { budgetMs: number }): Promise<Timing[]> {
  const timings: Timing[] = [];
  for (const [network, create] of Object.entries(networks)) {
    const model = create({ inputShape: [224, 224, 3] });
    const one = tf.randomNormal([1, 224, 224, 3]);
    const batch = tf.randomNormal([trainBatch, 224, 224, 3]);
    const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
    const loss = () => tf.mean(tf.square(model.apply(batch, { training: true }) as tf.Tensor)) as tf.Scalar;
    const forward = () => read([model.predict(one) as tf.Tensor]);
    const step = () => {
      const { value, grads } = tf.variableGrads(loss, variables);
      return read([value, ...Object.values(grads)]);
    };
    const forwardMs = await median(forward, budgetMs);
    const stepMs = 10 * forwardMs < budgetMs ? await median(step, budgetMs) : undefined;
    timings.push({ network, forwardMs, stepMs });
    model.dispose();
    tf.dispose([one, batch]);
  }
  return timings;
}
