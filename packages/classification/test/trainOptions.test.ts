import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, test } from 'vitest';
import type { TrainClassifierOptions } from '../src';
import { preprocessings, trainClassifier } from '../src';
import { mulberry32 } from '@roikit/geometry';
import { collect, lossesOf } from '../../training/test/runs';
import { halves } from './halves';
import { useTestEngine } from '../../engine/test/testEngine';

beforeAll(async () => {
  await useTestEngine();
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

  const sgd = { learningRate: (0.1 * 32) / 256, momentum: 0.9, weightDecay: 1e-4 };
  test.each<[string, Partial<TrainClassifierOptions>, Partial<TrainClassifierOptions>]>([
    ['batch', { batch: 32 }, { batch: 16, optimizer: sgd }],
    ['learning rate', { optimizer: sgd }, { optimizer: { ...sgd, learningRate: 0.02 } }],
    ['momentum', { optimizer: { momentum: 0.9 } }, { optimizer: { momentum: 0.8 } }],
    ['weight decay', { optimizer: { weightDecay: 1e-4 } }, { optimizer: { weightDecay: 0.1 } }],
    ['optimizer', { optimizer: { type: 'sgd' } }, { optimizer: { type: 'adamw' } }],
    ['schedule', { schedule: { type: 'cosine' } }, { schedule: { type: 'constant' } }],
    [
      'what is undefined',
      { optimizer: { type: undefined, learningRate: undefined }, schedule: { type: undefined } },
      { optimizer: { type: undefined, learningRate: 0.01 } },
    ],
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
