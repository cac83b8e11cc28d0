import { mulberry32 } from '@roikit/geometry';
import { heldBySteps } from '../../engine/test/watchGpu';
import { train, type TrainOptions } from '../src';
import { memoryCheckpoint } from '../../training/test/runs';
import { gridProposals, squares, tinyDetector } from './scenes';

export type OptimizerType = 'sgd' | 'adamw';

/** Losses of a short training run, and the weights after it by name. */
export interface Trained {
  losses: number[];
  weights: Record<string, number[]>;
}

const newDetector = () =>
  tinyDetector({ transform: { minSize: 40, maxSize: 48 }, head: { hidden: [16], dropout: 0.4 } });

const optionsOf = (type: OptimizerType) =>
  ({
    batch: { images: 1, regions: 8 },
    optimizer: { type, learningRate: 1e-3, backboneFactor: 0.5, clipNorm: 1 },
    proposals: gridProposals,
    random: mulberry32(2),
  }) satisfies Partial<TrainOptions>;

const pictures = squares({ count: 3, size: 48 });

/** Trains the tiny detector on three pictures, one a step, with clipping and dropout; `until` steps, then from the checkpoint. */
export async function trainTiny(type: OptimizerType, { until }: { until?: number } = {}): Promise<Trained> {
  const checkpoint = memoryCheckpoint();
  const losses: number[] = [];
  let detector = newDetector();
  for (const stopAt of until === undefined ? [Infinity] : [until, Infinity]) {
    detector.dispose();
    detector = newDetector();
    const stop = new AbortController();
    const options: TrainOptions = { ...optionsOf(type), epochs: 1, signal: stop.signal, checkpoint };
    for await (const event of train(detector, pictures, options)) {
      if (event.type !== 'step') continue;
      losses.push(event.losses['total']!);
      if (event.step === stopAt) stop.abort();
    }
  }
  const variables = [...detector.variables()];
  const read = variables.map(
    async ([name, variable]) => [name, [...(await variable.data())]] as [string, number[]],
  );
  const weights = Object.fromEntries(await Promise.all(read));
  detector.dispose();
  return { losses, weights };
}

/** What is held after the first steps of many, and after the last; webgpu computes nothing meanwhile. */
export async function keptByMany(type: OptimizerType) {
  const detector = newDetector();
  const options: TrainOptions = { ...optionsOf(type), epochs: 34 };
  const kept = await heldBySteps(train(detector, pictures, options));
  detector.dispose();
  return kept;
}

/** The largest difference of two runs' weights. */
export function weightDifference(a: Trained, b: Trained): number {
  const differences = Object.entries(b.weights).flatMap(([name, values]) =>
    values.map((value, i) => Math.abs(value - a.weights[name]![i]!)),
  );
  return differences.reduce((largest, here) => (here <= largest ? largest : here), 0);
}
