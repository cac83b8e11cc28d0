import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { densenetCifar, squeezenet1_1, stateDictOf } from '@roikit/backbones';
import { writeImage } from '@roikit/image/node';
import { readStateDict, writeSafetensors } from '@roikit/weights';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ClassificationDataset, ClassifierCheckpoint, TrainClassifierOptions } from '../src';
import { evaluateClassifier, holdOut, preprocessings, trainClassifier } from '../src';
import { openImageFolder } from '../src/node';
import { mulberry32 } from '@roikit/geometry';
import { augment } from '../src/train/augment';
import { Sgd } from '../src/train/sgd';
import { useTestEngine } from '../../engine/test/testEngine';

/** Pictures told apart by the half that is bright: left, right, top, bottom. */
function halves(count: number, seed: number): ClassificationDataset {
  const side = 20;
  const make = (index: number) => {
    const random = mulberry32(seed + index);
    const label = index % 4;
    const data = new Uint8Array(side * side * 3);
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        const bright = [x < side / 2, x >= side / 2, y < side / 2, y >= side / 2][label];
        for (let c = 0; c < 3; c++) data[(y * side + x) * 3 + c] = (bright ? 150 : 60) + 40 * random();
      }
    }
    return { image: { data, width: side, height: side }, label };
  };
  return { classes: ['left', 'right', 'top', 'bottom'], length: count, get: async (index) => make(index) };
}

const preprocessing = { ...preprocessings.torchvision, resize: 16, crop: 16 };
const options: TrainClassifierOptions = {
  epochs: 3,
  seed: 1,
  batch: 16,
  learningRate: 0.05,
  preprocessing,
  augmentation: { scale: [0.7, 1], flip: 0 },
  labelSmoothing: 0.05,
};
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
  model: ReturnType<typeof network>,
  extra: Partial<TrainClassifierOptions>,
  stopAfter = Infinity,
) {
  const losses: number[] = [];
  let checkpoint: ClassifierCheckpoint | undefined;
  for await (const event of trainClassifier(model, halves(96, 5), { ...options, ...extra })) {
    if (event.type === 'step') losses.push(event.loss);
    if (event.type === 'epoch') {
      checkpoint = await event.checkpoint();
      if (event.epoch + 1 >= stopAfter) break;
    }
  }
  return { losses, checkpoint: checkpoint as ClassifierCheckpoint };
}

beforeAll(async () => {
  await useTestEngine();
});

describe('trainClassifier', () => {
  test('learns, measures itself, and leaves no tensor behind', async () => {
    const model = network();
    const validation = halves(40, 1000);
    const before = tf.memory().numTensors;
    const epochs: number[] = [];
    const rates: number[] = [];
    for await (const event of trainClassifier(model, halves(192, 5), { ...options, epochs: 6, validation })) {
      if (event.type === 'epoch') epochs.push(event.validation?.top1 ?? expect.fail());
      if (event.type === 'step') rates.push(event.learningRate);
    }
    expect(epochs).toHaveLength(6);
    expect(epochs.at(-1)).toBeGreaterThan(0.8); // 0.25 by chance
    expect(rates[0]).toBe(0.05);
    expect(rates).toEqual([...rates].sort((a, b) => b - a));
    expect(tf.memory().numTensors).toBe(before);
    model.dispose();
  });

  test('stopped and resumed, through a file, is the run that never stopped', async () => {
    const whole = network();
    const straight = await run(whole, { ema: 0.9 });
    const first = network();
    const { losses, checkpoint } = await run(first, { ema: 0.9 }, 1);
    const file = writeSafetensors(checkpoint.stateDict);
    const second = network();
    const resumed = await run(second, {
      ema: 0.9,
      resume: { epoch: 1, stateDict: await readStateDict(file) },
    });
    expect([...losses, ...resumed.losses]).toEqual(straight.losses);
    expect(await stateDictOf(second)).toEqual(await stateDictOf(whole));
    for (const model of [whole, first, second]) model.dispose();
  });

  test('the average of the weights is what is left in the model', async () => {
    const plain = network();
    const averaged = network();
    await run(plain, { epochs: 1 });
    const { checkpoint } = await run(averaged, { epochs: 1, ema: 0.5 });
    const left = await stateDictOf(averaged);
    expect(left.get('classifier.bias')?.data).toEqual(checkpoint.stateDict.get('ema.classifier/bias')?.data);
    expect(left.get('classifier.bias')?.data).not.toEqual(
      (await stateDictOf(plain)).get('classifier.bias')?.data,
    );
    plain.dispose();
    averaged.dispose();
  });

  test('says what does not fit', async () => {
    const model = squeezenet1_1({ numClasses: 7, inputShape: [32, 32, 3] });
    await expect(run(model, {})).rejects.toThrow(
      'squeezenet1_1 has 7 outputs, the data 4 classes; build it with numClasses: 4',
    );
    model.dispose();
    const fitting = network();
    await expect(run(fitting, { batch: 97 })).rejects.toThrow(
      'batch must be 1 to the 96 images there are, got 97',
    );
    await expect(run(fitting, { signal: AbortSignal.abort() })).rejects.toThrow(/abort/);
    fitting.dispose();
  });
});

describe('Sgd', () => {
  test('follows PyTorch’s rule: v ← μv + g + λw, w ← w − ηv, no decay of biases', () => {
    const model = tfl.sequential({ layers: [tfl.layers.dense({ units: 1, inputShape: [1], name: 'd' })] });
    tf.tidy(() => model.setWeights([tf.tensor([[2]]), tf.tensor([3])]));
    const sgd = new Sgd(model, { momentum: 0.8, weightDecay: 0.1 });
    const gradients = Object.fromEntries(sgd.variables.map(({ name, shape }) => [name, tf.ones(shape)]));
    let [w, b, vw, vb] = [2, 3, 0, 0];
    for (let step = 0; step < 3; step++) {
      sgd.step(gradients, 0.5);
      vw = 0.8 * vw + 1 + 0.1 * w;
      vb = 0.8 * vb + 1;
      w -= 0.5 * vw;
      b -= 0.5 * vb;
    }
    const [kernel, bias] = model.getWeights().map((weight) => weight.dataSync()[0]);
    expect(kernel).toBeCloseTo(w, 5);
    expect(bias).toBeCloseTo(b, 5);
    tf.dispose(gradients);
    sgd.dispose();
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
      get: async (i: number) => ({ image, label: labels[i] }),
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
      (_, i) => [Math.floor(i / 3) % side, Math.floor(i / 3 / side), 7][i % 3],
    );
    const image = { data, width: side, height: side };
    const whole = { scale: [1, 1] as [number, number], ratio: [1, 1] as [number, number] };
    expect(augment(image, side, { ...whole, flip: 0 }, mulberry32(1)).data).toEqual(data);
    const mirrored = augment(image, side, { ...whole, flip: 1 }, mulberry32(1)).data;
    expect([mirrored[0], mirrored[1], mirrored[(side - 1) * 3]]).toEqual([15, 0, 0]);
    expect(data[0]).toBe(0);
    const random = mulberry32(2);
    const widths = Array.from({ length: 50 }, () => {
      const crop = augment(image, side, { flip: 0 }, random).data;
      return crop[(side - 1) * 3] - crop[0];
    });
    expect(Math.min(...widths)).toBeLessThan(8);
    expect(Math.max(...widths)).toBeGreaterThan(11);
  });
});
