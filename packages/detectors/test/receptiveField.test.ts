import { squeezenet1_1 } from '@roikit/backbones';
import * as tfc from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-layers';
import { describe, expect, test } from 'vitest';
import { receptiveField } from '../src/backbone/receptiveField';

/** First and last input pixel (along x, on the middle row) that a map's cell depends on, by perturbing each one. */
function seenBy(model: tf.LayersModel, size: number, cell: number): [number, number] {
  const row = Math.floor(size / 2);
  const value = (pixel: number) =>
    tfc.tidy(() => {
      const image = tfc.buffer([1, size, size, 1]);
      image.values.fill(1);
      if (pixel >= 0) image.set(1.5, 0, row, pixel, 0);
      const map = model.predict(image.toTensor()) as tfc.Tensor4D;
      return tfc.sum(tfc.slice(map, [0, 0, cell, 0], [1, map.shape[1], 1, map.shape[3]])).dataSync()[0]!;
    });
  const rest = value(-1);
  const seen = Array.from({ length: size }, (_, pixel) => pixel).filter(
    (p) => Math.abs(value(p) - rest) > 1e-6,
  );
  return [seen[0]!, seen.at(-1)!];
}

const conv = (kernelSize: number, strides: number, padding: 'same' | 'valid') =>
  tf.layers.conv2d({ filters: 1, kernelSize, strides, padding, kernelInitializer: 'ones' });

describe('receptiveField: the centre of what a cell depends on, found by perturbing pixels', () => {
  test.each([
    ['unpadded', [conv(3, 2, 'valid'), conv(5, 1, 'valid'), conv(3, 2, 'valid')]],
    ['padded', [conv(3, 1, 'same'), conv(2, 2, 'valid'), conv(5, 1, 'same')]],
    ['zero padding', [tf.layers.zeroPadding2d({ padding: 1 }), conv(3, 2, 'valid'), conv(3, 2, 'valid')]],
    ['pooling', [conv(3, 1, 'valid'), tf.layers.averagePooling2d({ poolSize: 3, strides: 2 })]],
  ])('%s', (_, layers) => {
    const size = 41;
    const input = tf.input({ shape: [size, size, 1] });
    const output = layers.reduce(
      (x, layer) => layer.apply(x) as tf.SymbolicTensor,
      input as tf.SymbolicTensor,
    );
    const model = tf.model({ inputs: input, outputs: output });
    const { stride, center } = receptiveField(output);
    const cell = 4; // away from the border
    const [first, last] = seenBy(model, size, cell);
    expect((first + last + 1) / 2).toBe(stride * cell + center);
    model.dispose();
  });

  test('SqueezeNet 1.1: cell i of the stride-8 map is centred on pixel 8i + 7.5, of the stride-16 map on 16i + 15.5', () => {
    const model = squeezenet1_1({ inputShape: [null, null, 3], includeTop: false });
    const field = (name: string) => receptiveField(model.getLayer(name).output as tf.SymbolicTensor);
    expect(field('features.7')).toEqual({ stride: 8, center: 7.5 });
    expect(field('features.12')).toEqual({ stride: 16, center: 15.5 });
    model.dispose();
  });
});
