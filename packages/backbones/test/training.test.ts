import { readFileSync } from 'node:fs';
import { mulberry32 } from '@roikit/geometry';
import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, test } from 'vitest';
import type { BackboneOptions } from '../src';
import * as backbones from '../src';
import {
  freezeBatchNorm,
  loadWeights,
  mobilenetV2,
  shufflenetV2_x0_5,
  squeezenet1_1,
  variablesOf,
} from '../src';
import { bindings } from '../src/sources/bindings';
import { builderName } from './builderName';
import { seededImages, seededStateDict } from './seeded';
import { useTestEngine } from '../../engine/test/testEngine';

interface Gradient {
  rms: number;
  values: number[];
  float32Error: number;
}
interface Golden {
  gain: number;
  size: number;
  loss: number;
  lossFloat32Error: number;
  gradients: Record<string, Gradient>;
}
const golden = JSON.parse(readFileSync(new URL('goldens/training.json', import.meta.url), 'utf8')) as {
  nets: Record<string, Golden>;
};

const variableOf = (weight: tfl.LayerVariable) => (weight as unknown as { val: tf.Variable }).val;

/** Loss and gradients, by PyTorch's keys and in its order of values. */
function trainingStep(model: tfl.LayersModel, images: tf.Tensor, labels: number[]) {
  const variables = [...variablesOf(model.trainableWeights).values()];
  const { value, grads } = tf.variableGrads(() => {
    const logits = model.apply(images, { training: true }) as tf.Tensor;
    return tf.losses.softmaxCrossEntropy(tf.oneHot(labels, 10), logits) as tf.Scalar;
  }, variables);
  const gradients = new Map<string, Float32Array>();
  for (const { layer, parameters } of bindings(model, 'torchvision')) {
    layer.weights.forEach((weight, i) => {
      const gradient = grads[variableOf(weight).name];
      if (!gradient) return;
      const { key, encode } = parameters[i]!;
      gradients.set(key, encode(gradient.dataSync() as Float32Array));
    });
  }
  const loss = value.dataSync()[0]!;
  tf.dispose([value, grads]);
  return { loss, gradients };
}

function difference(got: Float32Array, { rms, values }: Gradient): number {
  const at = (i: number) => got[Math.floor((i * (got.length - 1)) / (values.length - 1))]!;
  const gotRms = Math.sqrt(got.reduce((sum, value) => sum + value * value, 0) / got.length);
  const largest = Math.max(rms, ...values.map(Math.abs));
  return Math.max(
    Math.abs(gotRms - rms) / rms,
    ...values.map((value, i) => Math.abs(at(i) - value) / largest),
  );
}

const everything = process.env.ROIKIT_ALL_NETS === '1';
const heavy = ['resnet50', 'resnext50_32x4d', 'mobilenet_v2', 'densenet121'];
if (!everything)
  console.warn(`training steps: without ${heavy}, for their size; ROIKIT_ALL_NETS=1 runs them too`);
const deepest = ['resnet50', 'densenet121'];
const nets = Object.entries(golden.nets).filter(([name]) => everything || !heavy.includes(name));

describe('one training step', () => {
  beforeAll(async () => {
    await useTestEngine();
  });

  // A loss within 1e-5. Each gradient within 5 times PyTorch's own float32 error in it, or 1e-5 where that is less.
  test.each(nets)(
    '%s: the loss and gradients of torchvision',
    (name, step) => {
      const { gain, size, loss, lossFloat32Error, gradients } = step;
      const build = (backbones as unknown as Record<string, (options: BackboneOptions) => tfl.LayersModel>)[
        builderName(name)
      ]!;
      const model = build({ numClasses: 10, inputShape: [size, size, 3], dropout: 0 });
      loadWeights(model, seededStateDict(model, gain));
      const images = seededImages(4, size, size);
      const got = trainingStep(model, images, [1, 4, 7, 9]);
      const lossError = Math.abs(got.loss / loss - 1);
      expect(lossError).toBeLessThan(Math.max(1e-5, 5 * lossFloat32Error));
      // In the deepest a value near 0 passes a ReLU or not by its rounding; the layer where that happens, and from which
      // on gradients differ, is another one in every implementation: they are held to the worst of their layers.
      const worst = Math.max(...Object.values(gradients).map(({ float32Error }) => float32Error));
      const toleranceOf = ({ float32Error }: Gradient) =>
        Math.max(1e-5, 5 * (deepest.includes(name) ? worst : float32Error));
      const report: string[] = [];
      for (const [key, want] of Object.entries(gradients)) {
        const error = difference(got.gradients.get(key) as Float32Array, want);
        if (!(error < toleranceOf(want))) report.push(`${key}: ${error}, PyTorch ${want.float32Error}`);
      }
      expect(report).toEqual([]);
      images.dispose();
      model.dispose();
    },
    300_000,
  );

  test('a frozen batch norm keeps its statistics, gamma and beta, and uses them in training', () => {
    const model = mobilenetV2({ width: 0.35, numClasses: 10, inputShape: [64, 64, 3], dropout: 0 });
    loadWeights(model, seededStateDict(model, 1));
    freezeBatchNorm(model);
    const images = seededImages(2, 64, 64);
    const inference = (model.apply(images, { training: false }) as tf.Tensor).dataSync();
    const training = (model.apply(images, { training: true }) as tf.Tensor).dataSync();
    expect(training).toEqual(inference);
    const { gradients } = trainingStep(model, images, [1, 2]);
    expect([...gradients.keys()].filter((key) => /features\.\d+\.(1|conv\.\d\.1)\./.test(key))).toEqual([]);
    expect(gradients.has('features.0.0.weight')).toBe(true);
    const [, , mean] = model.getLayer('features.0.1').getWeights();
    expect(mean!.dataSync()).toEqual(seededStateDict(model, 1).get('features.0.1.running_mean')?.data);
    images.dispose();
    model.dispose();
  });

  test('first weights have the spread of torchvision’s, and one seed draws the same twice', () => {
    const lehmer = () => {
      let state = 7;
      return () => (state = (state * 48271) % 2147483647) / 2147483647;
    };
    const values = (model: tfl.LayersModel, name: string) => {
      const kernel = model.getLayer(name).getWeights()[0]!.dataSync() as Float32Array;
      model.dispose();
      return kernel;
    };
    const deviation = (kernel: Float32Array) =>
      Math.sqrt(kernel.reduce((sum, value) => sum + value * value, 0) / kernel.length);
    const mobilenet = () => mobilenetV2({ width: 0.35, random: lehmer() });
    const conv = values(mobilenet(), 'features.18.0'); // 1×1 to 1280 channels: N(0, 2 / 1280)
    expect(deviation(conv) / Math.sqrt(2 / 1280)).toBeCloseTo(1, 2);
    expect(values(mobilenet(), 'features.18.0')).toEqual(conv);
    const depthwise = values(mobilenet(), 'features.17.conv.1.0'); // PyTorch's fan out of 336 channels is 9 · 336
    expect(deviation(depthwise) / Math.sqrt(2 / (9 * 336))).toBeCloseTo(1, 1);
    expect(deviation(values(mobilenet(), 'classifier.1')) / 0.01).toBeCloseTo(1, 2);
    const fc = values(shufflenetV2_x0_5({ random: lehmer() }), 'fc'); // U(±1/√1024)
    const largest = fc.reduce((max, value) => Math.max(max, value), 0);
    expect(largest).toBeLessThanOrEqual(1 / 32);
    expect(largest).toBeGreaterThan(0.999 / 32);
  });

  test('the rate of dropout is the share that is dropped, 0.5 where nothing is said', () => {
    const kept = (dropout?: number): number => {
      const build = { numClasses: 40, inputShape: [64, 80, 3] as [number, number, number], dropout };
      const model = squeezenet1_1({ ...build, random: () => random() });
      const layer = model.getLayer('classifier.0');
      const share = tf.tidy(() => {
        const out = layer.apply(tf.ones([4, 20, 30, 5]), { training: true }) as tf.Tensor;
        return tf.mean(tf.cast(tf.notEqual(out, 0), 'float32')).dataSync()[0]!;
      });
      model.dispose();
      return share;
    };
    const random = mulberry32(5);
    expect(kept(0.3)).toBeCloseTo(0.7, 1.5);
    expect(kept(0.8)).toBeCloseTo(0.2, 1.5);
    expect(kept()).toBeCloseTo(0.5, 1.5);
    expect(kept(0)).toBe(1);
  });

  test.each([
    ['squeezenet1_1', squeezenet1_1, 0.5],
    ['mobilenetV1', backbones.mobilenetV1, 0.001],
    ['mobilenetV2', mobilenetV2, 0.2],
    ['mobilenetV3Small', backbones.mobilenetV3Small, 0.2],
    ['mobilenetV3Large', backbones.mobilenetV3Large, 0.2],
    ['inceptionV3', backbones.inceptionV3, 0.5],
  ] as const)('%s drops as published, or as told', (_name, build, published) => {
    const rates = (options: BackboneOptions) => {
      const model = build({ numClasses: 3, inputShape: [96, 128, 3], ...options });
      const drops = model.layers.filter((layer) => /dropout/i.test(layer.getClassName()));
      model.dispose();
      return drops.map((layer) => layer.getConfig().rate);
    };
    expect(rates({})).toEqual([published]);
    expect(rates({ dropout: 0.3 })).toEqual([0.3]);
  });

  test('dropout draws another mask each step, from the generator given', () => {
    const logits = () => {
      let state = 5;
      const random = () => (state = (state * 48271) % 2147483647) / 2147483647;
      const model = squeezenet1_1({ numClasses: 10, inputShape: [64, 64, 3], random });
      const images = seededImages(1, 64, 64);
      const steps = [1, 2].map(() => (model.apply(images, { training: true }) as tf.Tensor).dataSync());
      images.dispose();
      model.dispose();
      return steps;
    };
    const [first, second] = logits();
    expect(first).not.toEqual(second);
    expect(logits()).toEqual([first, second]);
  });
});
