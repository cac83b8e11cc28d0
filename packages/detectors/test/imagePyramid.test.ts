import { mulberry32 } from '@roikit/geometry';
import { roiPool, spatialPyramidPool } from '@roikit/ops';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { useTestEngine } from '../../engine/test/testEngine';
import { createDetector } from '../src';
import { convBackbone } from '../src/backbone/convBackbone';
import { imagePyramid } from '../src/backbone/imagePyramid';
import { mapsOfRegions } from '../src/regions/poolFromMaps';
import { roiPoolRegions } from '../src/regions/roiPoolRegions';
import { spatialPyramidRegions } from '../src/regions/spatialPyramidRegions';

beforeAll(useTestEngine);

const SCALES = [0.5, 1.25];
const HEIGHT = 300;
const WIDTH = 420;
// In an image of 300 × 420: areas of 400 × 250 (nearest to 224² at .5), 120 × 90 (at 1.25), 30 × 20 (at 1.25), and once more
// the first kind, so that the order has to be put back.
const BOXES = Float32Array.of(5, 8, 405, 258, 100, 50, 220, 140, 10, 200, 40, 220, 0, 0, 420, 300);

const image = () => tf.randomUniform<tf.Rank.R4>([1, HEIGHT, WIDTH, 3], -1, 1, 'float32', 3);
const network = () =>
  convBackbone({ name: 'squeezenet1_1', layers: ['features.4'], frozenThrough: null }, null, mulberry32(1));

/** The map of the image at one size, without a pyramid. */
function mapAt(scale: number, input: tf.Tensor4D) {
  const size: [number, number] = [Math.round(HEIGHT * scale), Math.round(WIDTH * scale)];
  const backbone = network();
  const [found] = backbone.features(tf.image.resizeBilinear(input, size, false, true));
  return { ...found!, boxes: Array.from(BOXES, (value) => value * scale) };
}

/** Region by region, each in its image's own pixels. */
function byHand(
  input: tf.Tensor4D,
  pool: (found: ReturnType<typeof mapAt>, box: number[]) => tf.Tensor,
): number[] {
  return [0, 1, 1, 0].flatMap((which, i) => {
    const found = mapAt(SCALES[which]!, input);
    return [...pool(found, found.boxes.slice(4 * i, 4 * i + 4)).dataSync()];
  });
}

const context = (input: tf.Tensor4D) => {
  const size = { width: WIDTH, height: HEIGHT };
  const maps = imagePyramid(network(), SCALES).features(input);
  return { images: [{ ...size, data: new Uint8Array() }], sizes: [size], maps };
};

const expectClose = (found: tf.Tensor, expected: number[]) => {
  const values = found.dataSync();
  expect(values.length).toBe(expected.length);
  expect(Math.max(...expected)).toBeGreaterThan(0.1);
  expect(Math.max(...expected.map((value, i) => Math.abs(value - values[i]!)))).toBeLessThan(1e-5);
};

describe('image pyramid', () => {
  test('a region belongs to the image in which it is nearest to 224² pixels', () => {
    const maps = context(image()).maps;
    expect([...mapsOfRegions(BOXES, maps)]).toEqual([0, 1, 1, 0]);
    expect(maps.map(({ map }) => map.shape)).toEqual([
      [1, 37, 52, 128],
      [1, 93, 131, 128],
    ]);
  });

  test('RoI max pooling of each region is that of its own image', () => {
    const input = image();
    const expected = byHand(input, ({ map, field }, box) => {
      const shift = field.center - field.stride / 2;
      const corners = tf.tensor2d([box.map((value) => value - shift)]);
      return roiPool(map, corners, tf.tensor1d([0], 'int32'), {
        outputSize: [3, 2],
        spatialScale: 1 / field.stride,
      });
    });
    const regions = roiPoolRegions({ outputSize: [3, 2], channels: 128 });
    expectClose(regions.apply(context(input), [BOXES]), expected);
  });

  test('and so is spatial pyramid pooling', () => {
    const input = image();
    const expected = byHand(input, ({ map, field }, box) => {
      const corners = tf.tensor2d([box.map((value) => value - field.center)]);
      const options = { levels: [1, 2], spatialScale: 1 / field.stride };
      return spatialPyramidPool(map, corners, tf.tensor1d([0], 'int32'), options);
    });
    const regions = spatialPyramidRegions({ levels: [1, 2], channels: 128 });
    expectClose(regions.apply(context(input), [BOXES]), expected);
  });

  test('regions of the same cells of different maps are not the same', () => {
    const { cells } = roiPoolRegions({ outputSize: [3, 2], channels: 128 });
    const found = cells!(context(image()), BOXES);
    expect([4, 9, 14, 19].map((at) => found[at])).toEqual([0, 1, 1, 0]);
  });

  test('a detector of several sizes detects, keeps nothing, and cannot be fed less than its smallest image needs', async () => {
    const make = (scales?: number[]) =>
      createDetector({
        type: 'fast-rcnn',
        classes: ['a'],
        backbone: { name: 'squeezenet1_1', layers: ['features.4'] },
        neck: null,
        scales,
        transform: { minSize: 96, maxSize: 200 },
        proposals: 'precomputed',
        head: { hidden: [8] },
        random: mulberry32(2),
      });
    const detector = await make([0.5, 1]);
    const photo = { width: 150, height: 100, data: new Uint8Array(150 * 100 * 3).fill(90) };
    const proposals = Float32Array.of(3, 4, 90, 80, 20, 10, 40, 50);
    await detector.detect(photo, { proposals });
    const { numTensors } = tf.memory();
    await detector.detect(photo, { proposals });
    expect(tf.memory().numTensors).toBe(numTensors);
    const thin = { width: 300, height: 2, data: new Uint8Array(300 * 2 * 3) };
    await expect(detector.detect(thin, { proposals })).resolves.toBeDefined();
    detector.dispose();
  });
});
