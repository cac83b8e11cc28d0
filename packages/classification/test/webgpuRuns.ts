import { densenetCifar } from '@roikit/backbones';
import { mulberry32 } from '@roikit/geometry';
import type { CheckpointStore } from '@roikit/training';
import { heldBySteps } from '../../engine/test/watchGpu';
import { preprocessings, trainClassifier, type TrainClassifierOptions } from '../src';
import { halves } from './halves';

export type OptimizerType = 'sgd' | 'adamw';

/** Batch norm that trains, and dropout. */
const newNetwork = () =>
  densenetCifar({
    depth: 10,
    growthRate: 6,
    dropRate: 0.2,
    numClasses: 4,
    inputShape: [12, 12, 3],
    random: mulberry32(3),
  });

const optionsOf = (type: OptimizerType): TrainClassifierOptions => ({
  epochs: 1,
  random: mulberry32(1),
  batch: 4,
  optimizer: { type, learningRate: type === 'sgd' ? 0.05 : 1e-3, clipNorm: 1 },
  preprocessing: { ...preprocessings.torchvision, resize: 12, crop: 12 },
  augmentation: { scale: [0.7, 1], flip: 0 },
});

/** Losses of three steps and the weights after them, all in one list; `until` steps, then from the checkpoint. */
export async function trainTinyClassifier(
  type: OptimizerType,
  { until }: { until?: number } = {},
): Promise<{ losses: number[]; weights: number[] }> {
  let saved: Awaited<ReturnType<CheckpointStore['load']>>;
  const checkpoint: CheckpointStore = {
    load: async () => saved,
    save: async (state) => void (saved = structuredClone(state)),
  };
  const losses: number[] = [];
  let network = newNetwork();
  for (const stopAt of until === undefined ? [Infinity] : [until, Infinity]) {
    network.dispose();
    network = newNetwork();
    const stop = new AbortController();
    const options = { ...optionsOf(type), signal: stop.signal, checkpoint };
    for await (const event of trainClassifier(network, halves(12, 5), options)) {
      if (event.type !== 'step') continue;
      losses.push(event.losses.total!);
      if (event.step === stopAt) stop.abort();
    }
  }
  const weights: number[] = [];
  for (const weight of network.weights) weights.push(...(await weight.read().data()));
  network.dispose();
  return { losses, weights };
}

/** What is held after the first steps of many, and after the last; webgpu computes nothing meanwhile. */
export async function keptByMany(type: OptimizerType) {
  const network = newNetwork();
  const run = trainClassifier(network, halves(12, 5), { ...optionsOf(type), epochs: 34 });
  const kept = await heldBySteps(run);
  network.dispose();
  return kept;
}
