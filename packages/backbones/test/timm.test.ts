import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, test } from 'vitest';
import * as backbones from '../src';
import type { BackboneOptions } from '../src';
import { loadWeights } from '../src';
import { seededImages, seededStateDict } from './seeded';
import { useTestEngine } from '../../engine/test/testEngine';

const golden = JSON.parse(readFileSync(new URL('goldens/timm.json', import.meta.url), 'utf8')) as {
  nets: Record<string, { gain: number; size: [number, number]; logits: number[]; largest: number }>;
};
// timm's ports pad on all sides, where Keras's originals pad right and bottom.
const symmetric = { padding: 'symmetric' };

const heavy = new Set(['vgg11', 'resnet18', 'densenet121', 'inceptionV3']);
const everything = process.env.ROIKIT_ALL_NETS === '1';
if (!everything)
  console.warn(
    'timm parity: without the networks whose names are torchvision’s, and vgg11; ROIKIT_ALL_NETS=1 runs them too',
  );

describe('weights by timm names', () => {
  beforeAll(async () => {
    await useTestEngine();
  });

  test.each(Object.entries(golden.nets).filter(([name]) => everything || !heavy.has(name)))(
    '%s computes what timm computes',
    async (name, { gain, size, logits, largest }) => {
      const build = (backbones as unknown as Record<string, (options: BackboneOptions) => tfl.LayersModel>)[
        name
      ]!;
      const extra = name === 'mobilenetV1' || name === 'xception' ? symmetric : {};
      const model = build({ inputShape: [null, null, 3], ...extra });
      loadWeights(model, seededStateDict(model, gain, 'timm'), { source: 'timm' });
      const images = seededImages(1, ...size);
      const output = model.predict(images) as tf.Tensor;
      const got = await output.data();
      expect(Math.max(...logits.map((value, i) => Math.abs(got[i * 25]! - value))) / largest).toBeLessThan(
        1e-4,
      );
      tf.dispose([images, output]);
      model.dispose();
    },
  );
});
