import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, test } from 'vitest';
import * as b from '../src';
import { featureExtractor, fuse, loadWeights } from '../src';
import { seededImages, seededStateDict } from './seeded';
import { useTestEngine } from '../../engine/test/testEngine';

const anySize = { inputShape: [null, null, 3] as b.InputShape, numClasses: 20 };
const nets: [string, () => tfl.LayersModel, number][] = [
  ['resnet18', () => b.resnet18(anySize), 0.6],
  ['resnet50', () => b.resnet50(anySize), 0.6],
  ['resnext50_32x4d', () => b.resnext50_32x4d(anySize), 0.6],
  ['vgg11_bn trunk', () => b.vgg11_bn({ ...anySize, includeTop: false }), 1],
  ['squeezenet1_1', () => b.squeezenet1_1(anySize), 1],
  ['mobilenetV1', () => b.mobilenetV1(anySize), 1],
  ['mobilenetV2', () => b.mobilenetV2(anySize), 1],
  ['mobilenetV3Small', () => b.mobilenetV3Small(anySize), 1],
  ['shufflenetV1', () => b.shufflenetV1(anySize), 1],
  ['shufflenetV2_x0_5', () => b.shufflenetV2_x0_5(anySize), 1],
  ['densenet121', () => b.densenet121(anySize), 1],
  ['inceptionV3', () => b.inceptionV3(anySize), 1],
  ['xception', () => b.xception(anySize), 0.7],
];

async function difference(a: tf.Tensor, c: tf.Tensor): Promise<number> {
  expect(c.shape).toEqual(a.shape);
  const [x, y] = [(await a.data()) as Float32Array, (await c.data()) as Float32Array];
  const largest = x.reduce((max: number, value: number) => Math.max(max, Math.abs(value)), 0);
  expect(largest).toBeGreaterThan(0);
  return (
    x.reduce((max: number, value: number, i: number) => Math.max(max, Math.abs(value - y[i]!)), 0) / largest
  );
}

describe('fuse', () => {
  beforeAll(async () => {
    await useTestEngine();
  });

  test.each(nets)('%s: the same outputs, no tensor left behind', async (_, build, gain) => {
    const model = build();
    loadWeights(model, seededStateDict(model, gain));
    const images = seededImages(1, 97, 82);
    const before = tf.memory().numTensors;
    const fused = fuse(model);
    const made = tf.memory().numTensors;
    const want = model.predict(images) as tf.Tensor;
    const got = fused.predict(images) as tf.Tensor;
    expect(await difference(want, got)).toBeLessThan(1e-4);
    tf.dispose([want, got]);
    expect(tf.memory().numTensors).toBe(made);
    fused.dispose();
    expect(tf.memory().numTensors).toBe(before);
    tf.dispose(images);
    model.dispose();
  });

  test('several inner maps of a feature extractor', async () => {
    const model = b.resnet18({ inputShape: [null, null, 3], includeTop: false });
    loadWeights(model, seededStateDict(model, 0.6));
    const maps = featureExtractor(model, { layer: ['layer1.0', 'layer2', 'layer2.0.bn1', 'layer4'] });
    const images = seededImages(1, 75, 64);
    const want = maps.predict(images) as tf.Tensor[];
    const got = fuse(maps).predict(images) as tf.Tensor[];
    for (const [i, map] of want.entries()) expect(await difference(map, got[i]!)).toBeLessThan(1e-4);
    tf.dispose([images, want, got]);
    model.dispose();
  });

  test('several inputs, of which one is used twice, in their order', async () => {
    const inputs = [4, 6].map((channels) => tfl.input({ shape: [null, null, channels] }));
    const conv = (x: tfl.SymbolicTensor, name: string) => {
      const plain = tfl.layers.conv2d({ name, filters: 5, kernelSize: 3, padding: 'same', useBias: false });
      return tfl.layers
        .batchNormalization({ name: `${name}_bn` })
        .apply(plain.apply(x)) as tfl.SymbolicTensor;
    };
    const [a, b2, b3] = [conv(inputs[0]!, 'a'), conv(inputs[1]!, 'b'), conv(inputs[1]!, 'c')];
    const outputs = [b3, tfl.layers.add().apply([a, b2]) as tfl.SymbolicTensor];
    const model = tfl.model({ inputs, outputs });
    loadWeights(model, seededStateDict(model, 1));
    const given = [tf.randomNormal<tf.Rank.R4>([2, 5, 7, 4]), tf.randomNormal<tf.Rank.R4>([2, 5, 7, 6])];
    const want = model.predict(given) as tf.Tensor[];
    const before = tf.memory().numTensors;
    const fused = fuse(model);
    const got = fused.predict(given) as tf.Tensor[];
    for (const [i, map] of want.entries()) expect(await difference(map, got[i]!)).toBeLessThan(1e-4);
    expect(() => fused.predict(given[0]!)).toThrow(/takes 2 inputs, got 1/);
    tf.dispose(got);
    fused.dispose();
    expect(tf.memory().numTensors).toBe(before);
    tf.dispose([...given, ...want]);
    model.dispose();
  });
});

describe('featureExtractor', () => {
  test('maps of a stride have input ÷ stride pixels, in the order asked for', () => {
    for (const build of [
      b.resnet18,
      b.mobilenetV2,
      b.shufflenetV2_x0_5,
      b.densenet121,
      b.vgg11_bn,
      b.mobilenetV1,
    ]) {
      const model = build({ inputShape: [128, 160, 3], includeTop: false });
      const { outputs } = featureExtractor(model, { stride: [16, 4, 8] });
      expect(outputs.map(({ shape }) => shape.slice(1, 3))).toEqual([
        [8, 10],
        [32, 40],
        [16, 20],
      ]);
      model.dispose();
    }
  });

  test('the stride’s deepest map is taken, not the classifier’s', () => {
    const model = b.squeezenet1_1();
    expect(featureExtractor(model, { stride: 16 }).outputs[0]!.shape).toEqual([null, 13, 13, 512]);
    model.dispose();
  });

  test('zeros for the next layer are not part of a map', () => {
    const model = b.squeezenet1_1();
    const { outputs } = featureExtractor(model, { stride: [4, 8] });
    expect(outputs.map(({ shape }) => shape)).toEqual([
      [null, 55, 55, 128],
      [null, 27, 27, 256],
    ]);
    model.dispose();
  });

  test('what is not there is named with what is', () => {
    const model = b.squeezenet1_1();
    expect(() => featureExtractor(model, { stride: 64 })).toThrow(
      'featureExtractor: squeezenet1_1 has maps of stride 1, 2, 4, 8, 16, none of 64',
    );
    expect(() => featureExtractor(model, { layer: 'layer9' })).toThrow(
      /no module layer9; its layers are input, features\.0/,
    );
    expect(() => featureExtractor(model, {})).toThrow('give either stride or layer');
    model.dispose();
  });

  test('what is disposed says so', () => {
    const model = b.squeezenet1_1({ ...anySize, includeTop: false });
    const fused = fuse(model);
    fused.dispose();
    expect(() => tf.tidy(() => fused.predict(tf.zeros([1, 33, 47, 3])))).toThrow(
      'fuse: squeezenet1_1 is disposed; fuse the model again',
    );
    model.dispose();
  });
});
