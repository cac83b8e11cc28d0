import { densenetCifar, squeezenet1_1, stateDictOf } from '@roikit/backbones';
import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, test } from 'vitest';
import { mulberry32 } from '@roikit/geometry';
import {
  evaluateClassifier,
  trainClassifier,
  type TrainClassifierEvent,
  type TrainClassifierOptions,
} from '../src';
import { collect, fileCheckpoint, lossesOf } from '../../training/test/runs';
import { useTestEngine } from '../../engine/test/testEngine';
import { halves, preprocessing } from './halves';

const options = (): TrainClassifierOptions => ({
  epochs: 3,
  random: mulberry32(1),
  batch: 16,
  optimizer: { learningRate: 0.05 },
  preprocessing,
  augmentation: { scale: [0.7, 1], flip: 0 },
  labelSmoothing: 0.05,
});
const network = () =>
  densenetCifar({
    depth: 10,
    growthRate: 8,
    dropRate: 0.1,
    numClasses: 4,
    inputShape: [16, 16, 3],
    random: mulberry32(3),
  });

async function run(
  model: tfl.LayersModel,
  extra: Partial<TrainClassifierOptions> = {},
  data = halves(96, 5),
): Promise<TrainClassifierEvent[]> {
  return collect(trainClassifier(model, data, { ...options(), ...extra }));
}

type Of<Type> = Extract<TrainClassifierEvent, { type: Type }>;
const ofType = <Type extends TrainClassifierEvent['type']>(events: TrainClassifierEvent[], type: Type) =>
  events.filter((event) => event.type === type) as Of<Type>[];

beforeAll(async () => {
  await useTestEngine();
});

describe('trainClassifier', () => {
  test('learns, measures itself, and leaves no tensor behind', async () => {
    const model = network();
    const validation = halves(40, 1000);
    const before = tf.memory().numTensors;
    const events = await run(model, { epochs: 6, validation }, halves(200, 5));
    expect(tf.memory().numTensors).toBe(before);
    const epochs = ofType(events, 'epoch');
    expect(epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(epochs.at(-1)!.score).toBeGreaterThan(0.8); // 0.25 by chance
    const measured = await evaluateClassifier(model, validation, { preprocessing });
    expect(epochs.at(-1)!.validation!.top1).toBe(measured.top1);
    expect(epochs.at(-1)!.validation!.loss).toBeCloseTo(measured.loss, 4);
    expect(epochs.at(-1)!.score).toBe(measured.top1);
    const steps = ofType(events, 'step');
    // 12 whole batches of 16 in 200 pictures.
    expect(steps.slice(0, 13).map(({ epoch, step }) => [epoch, step])).toEqual([
      ...Array.from({ length: 12 }, (_, i) => [1, i + 1]),
      [2, 1],
    ]);
    const cosine = (i: number) => 0.025 * (1 + Math.cos((Math.PI * i) / 72));
    steps.forEach(({ learningRate }, i) => expect(learningRate).toBeCloseTo(cosine(i), 6));
    expect(events.map(({ type }) => type).slice(0, 2)).toEqual(['start', 'step']);
    expect(events.at(-1)).toEqual({ type: 'done' });
    model.dispose();
  });

  test('stopped in the middle of an epoch and resumed, through a file, is the run that never stopped', async () => {
    const whole = network();
    const straight = await run(whole, { ema: 0.9 });
    const [first, second] = [network(), network()];
    const checkpoint = fileCheckpoint();
    const abort = new AbortController();
    const losses: number[] = [];
    const begun = trainClassifier(first, halves(96, 5), {
      ...options(),
      ema: 0.9,
      checkpoint,
      signal: abort.signal,
    });
    for await (const event of begun) {
      if (event.type === 'step') losses.push(event.losses.total);
      if (event.type === 'step' && event.epoch === 2 && event.step === 4) abort.abort();
    }
    expect(losses).toHaveLength(10);
    const resumed = await run(second, { ema: 0.9, checkpoint, random: mulberry32(99) });
    expect(resumed[0]).toMatchObject({ type: 'start', epoch: 1, epochs: 3, resumed: true });
    expect([...losses, ...lossesOf(resumed)]).toEqual(lossesOf(straight));
    expect(await stateDictOf(second)).toEqual(await stateDictOf(whole));
    for (const model of [whole, first, second]) model.dispose();
  });

  test('a checkpoint of other settings, data or network is refused, and the difference named', async () => {
    const model = network();
    const checkpoint = fileCheckpoint();
    await run(model, { epochs: 1, checkpoint });
    const again = (extra: Partial<TrainClassifierOptions>, data = halves(96, 5)) =>
      run(model, { epochs: 1, checkpoint, ...extra }, data);
    await expect(again({ batch: 8 })).rejects.toThrow('training.batchSize was 16, is 8');
    await expect(again({ optimizer: { learningRate: 0.1 } })).rejects.toThrow(
      'learningRate was 0.05, is 0.1',
    );
    await expect(again({ labelSmoothing: 0.1 })).rejects.toThrow('labelSmoothing was 0.05, is 0.1');
    await expect(again({ augmentation: { flip: 1 } })).rejects.toThrow('augmentation.flip was 0, is 1');
    await expect(again({}, halves(80, 5))).rejects.toThrow('data.pictures was 96, is 80');
    model.dispose();
  });

  test('the average of the weights is what is left in the model', async () => {
    const [plain, averaged] = [network(), network()];
    const start = await stateDictOf(plain);
    // One step: half of what was, half of what the step made of it.
    await run(plain, { epochs: 1, batch: 96 });
    await run(averaged, { epochs: 1, batch: 96, ema: 0.5 });
    const [stepped, left] = [await stateDictOf(plain), await stateDictOf(averaged)];
    expect(left.size).toBeGreaterThan(20); // batch norm's statistics too
    for (const name of left.keys()) {
      left.get(name)!.data.forEach((value, i) => {
        const mean = (Number(start.get(name)!.data[i]) + Number(stepped.get(name)!.data[i])) / 2;
        expect(Number(value)).toBeCloseTo(mean, 5);
      });
    }
    expect(left.get('classifier.bias')!.data).not.toEqual(stepped.get('classifier.bias')!.data);
    plain.dispose();
    averaged.dispose();
  });

  test('validates where it is due, and stops where top-1 no longer rises', async () => {
    const model = network();
    const validation = halves(8, 1000);
    const every2 = await run(model, { epochs: 3, validation, validateEvery: 2 });
    expect(ofType(every2, 'epoch').map(({ score }) => score !== undefined)).toEqual([false, true, true]);
    const still = { optimizer: { learningRate: 1e-12, weightDecay: 0 }, epochs: 9, validation, patience: 2 };
    model.layers.forEach((layer) => (layer.trainable = layer.getClassName() !== 'BatchNormalization'));
    await expect(run(model, { epochs: 9, patience: 2 })).rejects.toThrow(
      'trainClassifier: patience must be of validations, got no validation; give one, or leave patience out',
    );
    const stopped = await run(model, still);
    const last = ofType(stopped, 'earlyStop')[0];
    expect(last!.epoch).toBe(last!.best + 2);
    expect(last!.epoch).toBeLessThan(9);
    model.dispose();
  });

  test('fewer images than a step takes by default: all of them a step', async () => {
    const model = network();
    const events = await run(model, { epochs: 2, batch: undefined }, halves(9, 5));
    expect(ofType(events, 'step')).toHaveLength(2);
    model.dispose();
  });

  test('says what does not fit', async () => {
    const model = squeezenet1_1({ numClasses: 7, inputShape: [32, 32, 3] });
    await expect(run(model)).rejects.toThrow(
      'squeezenet1_1 has 7 outputs, the data 4 classes; build it with numClasses: 4',
    );
    model.dispose();
    const fitting = network();
    await expect(run(fitting, { batch: 97 })).rejects.toThrow(
      'batch must be 1 to the 96 images there are, got 97',
    );
    await expect(run(fitting, { epochs: 1.5 })).rejects.toThrow('epochs must be a positive integer, got 1.5');
    const misspelt = { optimizer: { learningrate: 1 } } as Partial<TrainClassifierOptions>;
    await expect(run(fitting, misspelt)).rejects.toThrow(/^trainClassifier: .*learningrate/);
    // A classifier is one group: there is no backbone that could have a rate of its own.
    const detectors = { optimizer: { backboneFactor: 0.1 } as object };
    await expect(run(fitting, detectors)).rejects.toThrow(/^trainClassifier: .*backboneFactor/);
    const stopped = await run(fitting, { signal: AbortSignal.abort() });
    expect(stopped.map(({ type }) => type)).toEqual(['start', 'stopped']);
    const named = { ...halves(96, 5), name: (index: number) => `half-${index}.png` };
    const wild = run(fitting, { optimizer: { learningRate: 1e30 } }, named);
    await expect(wild).rejects.toThrow(
      /^train: the (loss|gradients) became .* in epoch 1, step \d \(half-\d+\.png, /,
    );
    fitting.dispose();
  });
});
