import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import * as backbones from '../src';
import type { BackboneOptions } from '../src';
import { featureExtractor, loadWeights } from '../src';
import { builderName } from './builderName';
import { seededImages, seededStateDict } from './seeded';
import { useTestEngine } from '../../engine/test/testEngine';

interface Feature {
  shape: number[];
  values: number[];
  rms: number;
}
interface Run {
  size: [number, number];
  logits: number[];
  largest: number;
  features: Record<string, Feature>;
}
interface Golden {
  gain: number;
  parameters: number;
  runs: Run[];
}

const golden = JSON.parse(readFileSync(new URL('goldens/torchvision.json', import.meta.url), 'utf8')) as {
  nets: Record<string, Golden>;
};

function builder(name: string): (options: BackboneOptions) => tfl.LayersModel {
  return (backbones as unknown as Record<string, (options: BackboneOptions) => tfl.LayersModel>)[
    builderName(name)
  ]!;
}

/** Largest difference over the magnitude of the whole. */
function worst(got: ArrayLike<number>, want: number[], stride: number | number[], magnitude: number): number {
  const at = (i: number) => (typeof stride === 'number' ? i * stride : stride[i]!);
  return Math.max(...want.map((value, i) => Math.abs(got[at(i)]! - value))) / magnitude;
}

async function compareFeature(map: tf.Tensor, want: Feature): Promise<number> {
  expect(map.shape).toEqual(want.shape);
  const got = await map.data();
  const indices = want.values.map((_, i) => Math.floor((i * (got.length - 1)) / (want.values.length - 1)));
  let squares = 0;
  for (const value of got) squares += value * value;
  const rms = Math.sqrt(squares / got.length);
  // A single value can be several times the rms.
  return Math.max(
    Math.abs(rms / want.rms - 1),
    worst(got, want.values, indices, want.rms + Math.max(...want.values.map(Math.abs))),
  );
}

async function compare(model: tfl.LayersModel, { size, logits, largest, features }: Run): Promise<void> {
  const names = Object.keys(features);
  const images = seededImages(1, ...size);
  const extractor = featureExtractor(model, { layer: names });
  const maps = [extractor.predict(images)].flat() as tf.Tensor[];
  for (const [i, name] of names.entries()) {
    expect(await compareFeature(maps[i]!, features[name]!), `${name} at ${size}`).toBeLessThan(1e-4);
  }
  const output = model.predict(images) as tf.Tensor;
  expect(worst(await output.data(), logits, 25, largest), `logits at ${size}`).toBeLessThan(1e-4);
  tf.dispose([images, maps, output]);
}

const everything = process.env.ROIKIT_ALL_NETS === '1';
// One or two of each family; the others differ by their table, which the parameter counts hold.
const representatives = new Set([
  'alexnet',
  'resnet18',
  'resnext50_32x4d',
  'squeezenet1_0',
  'squeezenet1_1',
  'mobilenet_v2',
  'mobilenet_v3_large',
  'mobilenet_v3_small',
  'shufflenet_v2_x0_5',
  'shufflenet_v2_x1_0',
  'densenet121',
  'inception_v3',
]);
if (!everything)
  console.warn(
    'torchvision parity: one network a family, VGG not, at 97×131; ROIKIT_ALL_NETS=1 runs all, at 224×224 too',
  );

describe('torchvision parity', () => {
  beforeAll(async () => {
    await useTestEngine();
  });
  afterEach(() => tf.disposeVariables());

  for (const [name, { gain, parameters, runs }] of Object.entries(golden.nets)) {
    test.skipIf(!everything && !representatives.has(name))(
      `${name}: parameters, logits, feature maps`,
      async () => {
        const model = builder(name)({ inputShape: [null, null, 3] });
        const aux = name === 'inception_v3' ? 3_326_696 : 0; // the auxiliary head, which inference does not have
        expect(
          model.layers
            .flatMap((layer) => layer.trainableWeights)
            .reduce((sum, { shape }) => sum + tf.util.sizeFromShape(shape as number[]), 0),
        ).toBe(parameters - aux);
        loadWeights(model, seededStateDict(model, gain));
        for (const run of everything ? runs : runs.slice(1)) await compare(model, run);
        model.dispose();
      },
    );
  }
});
