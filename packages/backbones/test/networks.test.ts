import { readFileSync } from 'node:fs';
import type { StateDict } from '@roikit/weights';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, test } from 'vitest';
import * as b from '../src';
import { loadWeights, stateDictOf, summary, toResnextForm } from '../src';
import { seededImages, seededStateDict } from './seeded';
import { useTestEngine } from '../../engine/test/testEngine';

beforeAll(async () => {
  await useTestEngine();
});

function worst(got: tf.Tensor, want: tf.Tensor): number {
  const [x, y] = [got.dataSync() as Float32Array, want.dataSync() as Float32Array];
  const largest = y.reduce((max: number, value: number) => Math.max(max, Math.abs(value)), 0);
  return (
    x.reduce((max: number, value: number, i: number) => Math.max(max, Math.abs(value - y[i]!)), 0) / largest
  );
}

// Multiply-accumulates as published or counted layer by layer, millions.
const macs: [string, () => tfl.LayersModel, number][] = [
  ['alexnet', () => b.alexnet(), 714],
  ['squeezenet1_0', () => b.squeezenet1_0(), 819],
  ['squeezenet1_1', () => b.squeezenet1_1(), 349],
  ['resnet50', () => b.resnet50(), 4089],
  ['resnext50_32x4d', () => b.resnext50_32x4d(), 4230],
  ['densenet121', () => b.densenet121(), 2834],
  ['mobilenetV1', () => b.mobilenetV1(), 568.7],
  ['mobilenetV1 .5', () => b.mobilenetV1({ width: 0.5 }), 149.5],
  ['mobilenetV2', () => b.mobilenetV2(), 301],
  ['shufflenetV1 g=1', () => b.shufflenetV1({ groups: 1 }), 143.1],
  ['shufflenetV1 g=3', () => b.shufflenetV1({ groups: 3 }), 137.5],
  ['shufflenetV1 g=8', () => b.shufflenetV1({ groups: 8 }), 138.4],
  ['shufflenetV2_x1_0', () => b.shufflenetV2_x1_0(), 145],
];

describe('summary', () => {
  test.each(macs)('%s: multiply-accumulates', (_, build, millions) => {
    const model = build();
    expect(summary(model).macs / 1e6 / millions).toBeCloseTo(1, 2);
    model.dispose();
  });

  test('parameters, shapes, and a size for networks that take any', () => {
    const model = b.resnet50({ inputShape: [null, null, 3] });
    expect(() => summary(model)).toThrow(
      'summary: resnet50 takes any size, so give inputShape, such as [224, 224, 3]',
    );
    const { trainableParameters, totalParameters, layers } = summary(model, [65, 129, 3]);
    expect([trainableParameters, totalParameters]).toEqual([25_557_032, 25_610_152]);
    expect(layers.find(({ name }) => name === 'layer4.2')?.outputShape).toEqual([3, 5, 2048]);
    expect(layers.find(({ name }) => name === 'conv1')).toEqual({
      name: 'conv1',
      type: 'Conv2D',
      outputShape: [33, 65, 64],
      parameters: 9408,
      macs: 33 * 65 * 64 * 147,
    });
    model.dispose();
  });
});

describe('ResNeXt', () => {
  test('the three forms of Fig. 3 compute the same', () => {
    const options = { numClasses: 10, inputShape: [64, 64, 3] as b.InputShape };
    const grouped = b.resnext50_32x4d(options);
    const state = seededStateDict(grouped, 0.6);
    loadWeights(grouped, state);
    const images = seededImages(1, 64, 64);
    const want = grouped.predict(images) as tf.Tensor;
    for (const form of ['concatenated', 'summed'] as const) {
      const model = b.resnext50_32x4d({ ...options, form });
      loadWeights(model, toResnextForm(state, { form, cardinality: 32 }));
      const got = model.predict(images) as tf.Tensor;
      expect(worst(got, want)).toBeLessThan(1e-5);
      got.dispose();
      model.dispose();
    }
    tf.dispose([images, want]);
    grouped.dispose();
  });
});

describe('CaffeNet', () => {
  test('computes what the same network in PyTorch computes', () => {
    const { logits, largest } = JSON.parse(
      readFileSync(new URL('goldens/caffenet.json', import.meta.url), 'utf8'),
    ) as { logits: number[]; largest: number };
    const model = b.caffenet();
    loadWeights(model, seededStateDict(model, 1));
    const images = tf.tidy(() => tf.mul(seededImages(1, 227, 227), 100));
    const output = model.predict(images) as tf.Tensor;
    const got = output.dataSync();
    expect(Math.max(...logits.map((value, i) => Math.abs(got[i * 25]! - value))) / largest).toBeLessThan(
      1e-4,
    );
    tf.dispose([images, output]);
    model.dispose();
  });
});

describe('ShuffleNet V1', () => {
  test('Megvii’s order has the paper’s parameters, but for the classifier’s bias', async () => {
    const options = { groups: 2 as const, numClasses: 7, inputShape: [64, 64, 3] as b.InputShape };
    const paper = b.shufflenetV1(options);
    const megvii = b.shufflenetV1({ ...options, shuffle: 'megvii' });
    const shapes = async (model: tfl.LayersModel) =>
      [...(await stateDictOf(model))].map(([key, { shape }]) => `${key} ${shape}`);
    const [a, c] = [await shapes(paper), await shapes(megvii)];
    expect(a.filter((entry) => !c.includes(entry))).toEqual(['classifier.0.bias 7']);
    paper.dispose();
    megvii.dispose();
  });
});

describe('SqueezeNet bypass', () => {
  test('simple bypass adds the input of fire 3, 5, 7 and 9', () => {
    const model = b.squeezenet1_0({ bypass: 'simple' });
    const adds = model.layers.filter((layer) => layer.getClassName() === 'Add').map(({ name }) => name);
    expect(adds).toEqual(['features.4', 'features.7', 'features.9', 'features.12']);
    model.dispose();
  });
});

describe('saving', () => {
  test('a model with layers of ours survives TensorFlow.js’s own topology, weights and names', async () => {
    const model = b.shufflenetV2_x0_5({ numClasses: 5, inputShape: [64, 64, 3] });
    loadWeights(model, seededStateDict(model, 1));
    const images = seededImages(1, 64, 64);
    const want = model.predict(images) as tf.Tensor;
    let artifacts: tf.io.ModelArtifacts | undefined;
    await model.save(
      tf.io.withSaveHandler(async (given) => {
        artifacts = given;
        return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
      }),
    );
    const loaded = await tfl.loadLayersModel(tf.io.fromMemory(artifacts as tf.io.ModelArtifacts));
    const got = loaded.predict(images) as tf.Tensor;
    expect(worst(got, want)).toBe(0);
    tf.dispose([images, want, got]);
    model.dispose();
    loaded.dispose();
  });

  test('stateDictOf gives back what loadWeights took, in PyTorch’s layout', async () => {
    for (const build of [b.resnext50_32x4d, b.mobilenetV3Small, b.alexnet]) {
      const model = build({ numClasses: 4, inputShape: [64, 64, 3] });
      const state = seededStateDict(model, 1);
      loadWeights(model, state);
      const back: StateDict = await stateDictOf(model);
      expect([...back.keys()].sort()).toEqual([...state.keys()].sort());
      for (const [key, { shape, data }] of state) {
        expect(back.get(key)?.shape).toEqual(shape);
        expect(
          Buffer.compare(Buffer.from(back.get(key)?.data.buffer as ArrayBuffer), Buffer.from(data.buffer)),
        ).toBe(0);
      }
      model.dispose();
    }
  });
});

describe('options that are none are named before a layer is made', () => {
  test.each<[string, () => unknown]>([
    ['mobilenetV1: width must be a positive number, got NaN', () => b.mobilenetV1({ width: NaN })],
    ['mobilenetV2: width must be a positive number, got 0', () => b.mobilenetV2({ width: 0 })],
    ['mobilenet_v3_small: width must be a positive number, got -1', () => b.mobilenetV3Small({ width: -1 })],
    [
      'shufflenetV1: width must be a positive number, got Infinity',
      () => b.shufflenetV1({ width: Infinity }),
    ],
    ['inputShape must be [height, width, channels], null for sides that vary, got [0,224,3]', () => b.alexnet({ inputShape: [0, 224, 3] })], // prettier-ignore
    ['got [224,null,null]', () => b.alexnet({ inputShape: [224, null, null] as unknown as b.InputShape })],
  ])('%s', (message, call) => expect(call).toThrow(message));
});

test.each<[string, () => unknown]>([
  ['rate must be in [0, 1), got 2', () => b.squeezenet1_1({ dropout: 2 })],
  [
    'is not a function',
    () => b.resnet18({ random: 5 as unknown as () => number, inputShape: [null, null, 3] }),
  ],
])('a network that fails (%s) leaves no weights behind', (message, make) => {
  const before = tf.memory();
  expect(make).toThrow(message);
  expect(tf.memory()).toMatchObject({ numTensors: before.numTensors, numBytes: before.numBytes });
});
