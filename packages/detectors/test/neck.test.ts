import { mulberry32 } from '@roikit/geometry';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { describe, expect, test } from 'vitest';
import { mergeMaps } from '../src/backbone/neck';

const fine = { stride: 8, center: 7.5 };
const coarse = { stride: 16, center: 15.5 };

/** A map whose value at each cell is a linear function of where the cell looks. */
function ramp(height: number, width: number, { stride, center }: typeof fine): tf.Tensor4D {
  const map = tf.buffer([1, height, width, 1]);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) map.set(3 * (stride * x + center) + (stride * y + center), 0, y, x, 0);
  }
  return map.toTensor() as tf.Tensor4D;
}

describe('mergeMaps', () => {
  test('a coarse map meets the fine one where they look: two samplings of one ramp add to twice the ramp', () => {
    const merged = mergeMaps([ramp(59, 79, fine), ramp(29, 39, coarse)], [fine, coarse]);
    const expected = ramp(59, 79, fine);
    // Between the centres of the first and the last coarse cell bilinear interpolation of a ramp is exact.
    for (let y = 1; y <= 57; y++) {
      for (let x = 1; x <= 77; x++) {
        expect(merged.bufferSync().get(0, y, x, 0)).toBeCloseTo(2 * expected.bufferSync().get(0, y, x, 0), 1);
      }
    }
  });

  test('of any maps: ReLU of the sum, each coarser one bilinear between its cells and repeated beyond the outermost', () => {
    const random = mulberry32(8);
    const coarsest = { stride: 32, center: 20 };
    const shapes = [
      [2, 9, 13, 2],
      [2, 4, 6, 2],
      [2, 1, 3, 2],
    ] as const;
    const fields = [fine, coarse, coarsest];
    const maps = shapes.map(([n, h, w, c]) =>
      tf.tensor4d(
        Array.from({ length: n * h * w * c }, () => random() * 2 - 1),
        [n, h, w, c],
      ),
    );
    const values = maps.map((map) => map.arraySync());
    /** The two cells around a pixel, and the second one's share. */
    const around = (pixel: number, { stride, center }: typeof fine, cells: number) => {
      const at = Math.min(Math.max((pixel - center) / stride, 0), cells - 1);
      const low = Math.floor(at);
      return [low, Math.min(low + 1, cells - 1), at - low] as const;
    };
    const got = mergeMaps(maps, fields).arraySync();
    got.forEach((image, n) =>
      image.forEach((row, y) =>
        row.forEach((cell, x) =>
          cell.forEach((value, c) => {
            const sum = values.reduce((total, map, m) => {
              const [top, bottom, down] = around(8 * y + 7.5, fields[m]!, shapes[m]![1]);
              const [left, right, across] = around(8 * x + 7.5, fields[m]!, shapes[m]![2]);
              const along = (r: number) =>
                (1 - across) * map[n]![r]![left]![c]! + across * map[n]![r]![right]![c]!;
              return total + (1 - down) * along(top) + down * along(bottom);
            }, 0);
            expect(value).toBeCloseTo(Math.max(0, sum), 5);
          }),
        ),
      ),
    );
  });

  test('gradients reach both maps and agree with finite differences', () => {
    const maps = [
      tf.randomNormal([1, 5, 6, 2], 1, 1, 'float32', 1),
      tf.randomNormal([1, 2, 3, 2], 1, 1, 'float32', 2),
    ];
    const weights = tf.randomNormal([1, 5, 6, 2], 0, 1, 'float32', 3);
    const loss = (a: tf.Tensor, b: tf.Tensor) =>
      tf.sum(
        tf.mul(weights, tf.square(mergeMaps([a as tf.Tensor4D, b as tf.Tensor4D], [fine, coarse]))),
      ) as tf.Scalar;
    const gradients = tf.grads(loss)(maps);
    maps.forEach((map, m) => {
      const values = map.dataSync();
      const nudged = (i: number, by: number) => {
        const copy = tf.tensor(
          Float32Array.from(values, (v, j) => (i === j ? v + by : v)),
          map.shape,
        );
        return loss(m === 0 ? copy : maps[0]!, m === 1 ? copy : maps[1]!).dataSync()[0]!;
      };
      for (let i = 0; i < values.length; i += 3) {
        const difference = (nudged(i, 1e-2) - nudged(i, -1e-2)) / 2e-2;
        expect(Math.abs(gradients[m]!.dataSync()[i]! - difference)).toBeLessThan(
          0.05 * (1 + Math.abs(difference)),
        );
      }
    });
  });
});
