import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { densenetCifar, squeezenet1_1, stateDictOf } from '@roikit/backbones';
import { writeImage } from '@roikit/image/node';
import { readStateDict, writeSafetensors } from '@roikit/weights';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, test } from 'vitest';
import type { CheckpointStore } from '@roikit/training';
import type { TrainClassifierEvent, TrainClassifierOptions } from '../src';
import { evaluateClassifier, holdOut, preprocessings, trainClassifier } from '../src';
import { openImageFolder } from '../src/node';
import { mulberry32 } from '@roikit/geometry';
import { augment } from '../src/train/augment';
import { halves } from './halves';
import { useTestEngine } from '../../engine/test/testEngine';

const preprocessing = { ...preprocessings.torchvision, resize: 16, crop: 16 };
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
  const events: TrainClassifierEvent[] = [];
  for await (const event of trainClassifier(model, data, { ...options(), ...extra })) events.push(event);
  return events;
}

type Of<Type> = Extract<TrainClassifierEvent, { type: Type }>;
const ofType = <Type extends TrainClassifierEvent['type']>(events: TrainClassifierEvent[], type: Type) =>
  events.filter((event) => event.type === type) as Of<Type>[];
const lossesOf = (events: TrainClassifierEvent[]) => ofType(events, 'step').map(({ losses }) => losses.total);

/** A checkpoint that is written and read as a file would be. */
function memoryStore(): CheckpointStore & { file?: Uint8Array } {
  const store: CheckpointStore & { file?: Uint8Array } = {
    load: async () => (store.file ? readStateDict(store.file) : undefined),
    save: async (state) => void (store.file = writeSafetensors(state)),
  };
  return store;
}

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
    const checkpoint = memoryStore();
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
    const checkpoint = memoryStore();
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

/** Three layers, 9×9: quick enough to train a dozen. */
function tiny(side: number | null = 9): tfl.LayersModel {
  const random = mulberry32(8);
  const model = tfl.sequential({
    layers: [
      tfl.layers.conv2d({
        filters: 4,
        kernelSize: 3,
        strides: 2,
        activation: 'relu',
        inputShape: [side, side, 3],
      }),
      tfl.layers.globalAveragePooling2d({}),
      tfl.layers.dense({ units: 4 }),
    ],
  });
  tf.tidy(() =>
    model.setWeights(
      model.getWeights().map(({ shape, size }) =>
        tf.tensor(
          Float32Array.from({ length: size }, () => random() - 0.5),
          shape,
        ),
      ),
    ),
  );
  return model;
}

describe('each option does what it says, and the default is what the documentation says', () => {
  const small = { ...preprocessings.torchvision, resize: 9, crop: 9 };
  async function losses(extra: Partial<TrainClassifierOptions>, data = halves(70, 2)): Promise<number[]> {
    const model = tiny(extra.preprocessing ? 9 : null);
    const all = lossesOf(
      await collect(trainClassifier(model, data, { epochs: 2, random: mulberry32(5), ...extra })),
    );
    model.dispose();
    return all;
  }
  async function collect(events: AsyncGenerator<TrainClassifierEvent>) {
    const all: TrainClassifierEvent[] = [];
    for await (const event of events) all.push(event);
    return all;
  }

  const sgd = { learningRate: (0.1 * 32) / 256, momentum: 0.9, weightDecay: 1e-4 };
  test.each<[string, Partial<TrainClassifierOptions>, Partial<TrainClassifierOptions>]>([
    ['batch', { batch: 32 }, { batch: 16, optimizer: sgd }],
    ['learning rate', { optimizer: sgd }, { optimizer: { ...sgd, learningRate: 0.02 } }],
    ['momentum', { optimizer: { momentum: 0.9 } }, { optimizer: { momentum: 0.8 } }],
    ['weight decay', { optimizer: { weightDecay: 1e-4 } }, { optimizer: { weightDecay: 0.1 } }],
    ['optimizer', { optimizer: { type: 'sgd' } }, { optimizer: { type: 'adamw' } }],
    ['schedule', { schedule: { type: 'cosine' } }, { schedule: { type: 'constant' } }],
    ['milestones', {}, { schedule: { milestones: [0.5] } }],
    ['label smoothing', { labelSmoothing: 0 }, { labelSmoothing: 0.1 }],
    ['crop scale', { augmentation: { scale: [0.08, 1] } }, { augmentation: { scale: [0.5, 1] } }],
    ['crop ratio', { augmentation: { ratio: [3 / 4, 4 / 3] } }, { augmentation: { ratio: [1, 1] } }],
    ['flip', { augmentation: { flip: 0.5 } }, { augmentation: { flip: 0.3 } }],
    ['random', { random: mulberry32(5) }, { random: mulberry32(6) }],
  ])('%s', async (_name, same, other) => {
    const usual = await losses({ preprocessing: small });
    expect(usual).toHaveLength(4);
    expect(await losses({ preprocessing: small, ...same })).toEqual(usual);
    expect(await losses({ preprocessing: small, ...other })).not.toEqual(usual);
  });

  test('AdamW has its own rate, in proportion to nothing', async () => {
    const plain = await losses({ preprocessing: small, optimizer: { type: 'adamw' } });
    const said = { type: 'adamw', learningRate: 0.001, weightDecay: 0.0005 } as const;
    expect(await losses({ preprocessing: small, optimizer: said })).toEqual(plain);
  });

  test('the learning rate follows the batch', async () => {
    const plain = await losses({ preprocessing: small, batch: 16 });
    const said = { batch: 16, optimizer: { learningRate: (0.1 * 16) / 256 } };
    expect(await losses({ preprocessing: small, ...said })).toEqual(plain);
  });

  test('preprocessing: torchvision’s crop and colours', async () => {
    const model = tiny(null);
    const data = halves(2, 3);
    const once = async (extra: Partial<TrainClassifierOptions>) => {
      const weights = model.getWeights().map((weight) => weight.clone());
      const seen = lossesOf(
        await collect(trainClassifier(model, data, { epochs: 1, batch: 2, random: mulberry32(5), ...extra })),
      );
      model.setWeights(weights);
      tf.dispose(weights);
      return seen;
    };
    expect(await once({})).toEqual(await once({ preprocessing: preprocessings.torchvision }));
    expect(await once({})).not.toEqual(await once({ preprocessing: preprocessings.caffe }));
    model.dispose();
  });
});

describe('evaluateClassifier', () => {
  test('counts first and first five places, and the loss of the truth', async () => {
    const logits = tf.tensor2d([0, 1, 2, 3, 4, 5, 6], [1, 7]);
    const model = { predict: (images: tf.Tensor4D) => tf.tile(logits, [images.shape[0], 1]) };
    const labels = [6, 5, 2, 1];
    const image = { data: new Uint8Array(12), width: 2, height: 2 };
    const dataset = {
      classes: [...'abcdefg'],
      length: 4,
      get: async (i: number) => ({ image, label: labels[i]! }),
    };
    const { top1, top5, loss } = await evaluateClassifier(model, dataset, { batch: 3, preprocessing });
    expect([top1, top5]).toEqual([1 / 4, 3 / 4]);
    const logSum = Math.log([0, 1, 2, 3, 4, 5, 6].reduce((sum, value) => sum + Math.exp(value), 0));
    expect(loss).toBeCloseTo(logSum - (6 + 5 + 2 + 1) / 4, 5);
  });
});

describe('data', () => {
  test('holdOut parts the images without loss or doubling', async () => {
    const image = { data: new Uint8Array(3), width: 1, height: 1 };
    const all = { classes: ['a'], length: 10, get: async (label: number) => ({ image, label }) };
    const { train, validation } = holdOut(all, { share: 0.3, random: mulberry32(1) });
    expect([train.length, validation.length]).toEqual([7, 3]);
    const seen = await Promise.all(
      [...Array(7).keys()]
        .map((i) => train.get(i))
        .concat([...Array(3).keys()].map((i) => validation.get(i))),
    );
    expect(seen.map(({ label }) => label).sort((a, b) => a - b)).toEqual([...Array(10).keys()]);
  });

  test('a folder of class folders, classes by name; a broken picture is named', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'roikit-classes-'));
    for (const name of ['dog', 'cat', 'empty', 'dog/puppies']) mkdirSync(join(folder, name));
    const red = (value: number) => ({ data: Uint8Array.of(value, 0, 0, value, 0, 0), width: 2, height: 1 });
    await writeImage(join(folder, 'dog/1.PNG'), red(10));
    await writeImage(join(folder, 'dog/puppies/3.png'), red(30));
    await writeImage(join(folder, 'cat/a.tif'), red(40));
    for (const file of ['dog/2.png', 'dog/notes.txt']) writeFileSync(join(folder, file), file);
    const dataset = await openImageFolder(folder);
    expect([dataset.classes, dataset.length]).toEqual([['cat', 'dog'], 4]);
    expect(await dataset.get(0)).toEqual({ image: red(40), label: 0 });
    expect(await dataset.get(1)).toEqual({ image: red(10), label: 1 });
    expect(await dataset.get(3)).toEqual({ image: red(30), label: 1 });
    await expect(dataset.get(2)).rejects.toThrow(/dog\/2\.png: the picture can't be decoded/);
    await expect(openImageFolder(join(folder, 'dog'))).rejects.toThrow(/two or more folders/);
    await expect(openImageFolder(join(folder, 'none'))).rejects.toThrow(/check the path/);
  });

  test('random crops are windows of the picture; flips mirror it', () => {
    // Each pixel holds its own place, so a crop without resizing shows where it came from.
    const side = 16;
    const data = Uint8Array.from(
      { length: side * side * 3 },
      (_, i) => [Math.floor(i / 3) % side, Math.floor(i / 3 / side), 7][i % 3]!,
    );
    const image = { data, width: side, height: side };
    const whole = { scale: [1, 1] as [number, number], ratio: [1, 1] as [number, number] };
    expect(augment(image, side, { ...whole, flip: 0 }, mulberry32(1)).data).toEqual(data);
    const mirrored = augment(image, side, { ...whole, flip: 1 }, mulberry32(1)).data;
    expect([mirrored[0], mirrored[1], mirrored[(side - 1) * 3]]).toEqual([15, 0, 0]);
    expect(data[0]).toBe(0);
  });

  test('random crops have torchvision’s areas and shapes, of a picture that is not square too', () => {
    const [width, height] = [250, 120];
    const data = Uint8Array.from(
      { length: width * height * 3 },
      (_, i) => [Math.floor(i / 3) % width, Math.floor(i / 3 / width), 7][i % 3]!,
    );
    const random = mulberry32(2);
    const crops = Array.from({ length: 200 }, () => {
      const crop = augment({ data, width, height }, 300, { flip: 0 }, random).data;
      // Columns and rows tell where the crop starts and ends.
      const [w, h] = [crop[299 * 3]! - crop[0]! + 1, crop[299 * 300 * 3 + 1]! - crop[1]! + 1];
      return { shape: w / h, share: (w * h) / (width * height) };
    });
    const shapes = crops.map(({ shape }) => shape);
    const shares = crops.map(({ share }) => share);
    expect(Math.min(...shapes)).toBeGreaterThan(0.72);
    expect(Math.min(...shapes)).toBeLessThan(0.8);
    expect(Math.max(...shapes)).toBeLessThan(1.37);
    expect(Math.max(...shapes)).toBeGreaterThan(1.25);
    expect(Math.min(...shares)).toBeGreaterThan(0.07);
    expect(Math.min(...shares)).toBeLessThan(0.12);
    expect(Math.max(...shares)).toBeGreaterThan(0.45); // 4:3 at full height is 0.64
    const narrow = augment(
      { data, width, height },
      300,
      { scale: [0.2, 0.2], ratio: [2, 2], flip: 0 },
      random,
    ).data;
    const [w, h] = [narrow[299 * 3]! - narrow[0]! + 1, narrow[299 * 300 * 3 + 1]! - narrow[1]! + 1];
    expect(w).toBeCloseTo(Math.sqrt(0.2 * 250 * 120 * 2), -0.7);
    expect(h).toBeCloseTo(Math.sqrt((0.2 * 250 * 120) / 2), -0.7);
  });
});
