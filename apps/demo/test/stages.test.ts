import { batchedNms, boxIou, mulberry32 } from '@roikit/geometry';
import { roiAlign, roiPool, spatialPyramidPool } from '@roikit/ops';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { useTestEngine } from '../../../packages/engine/test/testEngine';
import { pooled, pyramidBins, roiAlignBins, roiPoolBins } from '../src/stages/bins';
import { suppress } from '../src/worker/suppress';

beforeAll(() => useTestEngine());

const [WIDTH, HEIGHT, CHANNELS, STRIDE] = [17, 11, 3, 8];

/** A map of noise, and boxes over it that leave it here and there. */
function scene() {
  const random = mulberry32(11);
  const values = Float32Array.from({ length: WIDTH * HEIGHT * CHANNELS }, random);
  const map = {
    width: WIDTH,
    height: HEIGHT,
    channels: CHANNELS,
    values,
    peaks: new Float32Array(CHANNELS),
    stride: STRIDE,
    center: STRIDE / 2,
  };
  const boxes = Array.from({ length: 40 }, () => {
    const [x, y] = [random() * WIDTH * STRIDE, random() * HEIGHT * STRIDE];
    return [x, y, x + random() * 70, y + random() * 50];
  });
  return { map, boxes };
}

describe('the bins that the page paints', () => {
  test.each([
    ['roiPool', roiPoolBins, 7],
    ['spatialPyramidPool', pyramidBins, 3],
    ['roiAlign', roiAlignBins, 5],
  ] as const)('are those of %s', async (name, binsOf, n) => {
    const { map, boxes } = scene();
    const [features, rois] = [
      tf.tensor4d(map.values, [1, HEIGHT, WIDTH, CHANNELS]),
      tf.tensor2d(boxes.flat(), [boxes.length, 4]),
    ];
    const owners = tf.zeros([boxes.length], 'int32') as tf.Tensor1D;
    const spatialScale = 1 / STRIDE;
    const size = { outputSize: [n, n] as [number, number], spatialScale };
    const pool = {
      roiPool: () => roiPool(features, rois, owners, size),
      roiAlign: () => roiAlign(features, rois, owners, { ...size, samplingRatio: 2, aligned: false }),
      spatialPyramidPool: () =>
        tf.reshape(spatialPyramidPool(features, rois, owners, { levels: [n], spatialScale }), [
          -1,
          n,
          n,
          CHANNELS,
        ]),
    };
    const expected = pool[name]();
    const all = await expected.data();
    boxes.forEach(([x1, y1, x2, y2], i) => {
      const grid = {
        map,
        keeps: name === 'roiAlign' ? ('mean' as const) : ('max' as const),
        rows: binsOf(y1! / STRIDE, y2! / STRIDE, n, HEIGHT),
        columns: binsOf(x1! / STRIDE, x2! / STRIDE, n, WIDTH),
      };
      for (let c = 0; c < CHANNELS; c++) {
        const own = Array.from({ length: n * n }, (_, bin) => all[(i * n * n + bin) * CHANNELS + c]!);
        pooled(grid, c).forEach((value, bin) => expect(value).toBeCloseTo(own[bin]!, 5));
      }
    });
    tf.dispose([features, rois, owners, expected]);
  });
});

test('suppression keeps what NMS keeps, and each loser overlaps its better winner of the same class', () => {
  const random = mulberry32(5);
  const count = 60;
  const boxes = Float32Array.from({ length: 4 * count }, (_, i) =>
    i % 4 < 2 ? random() * 40 : 40 + random() * 30,
  );
  const scores = Float32Array.from({ length: count }, random).sort().reverse();
  const labels = Int32Array.from({ length: count }, () => 1 + Math.floor(random() * 2));
  const iouThreshold = 0.4;
  const { kept, by } = suppress({ boxes, scores, labels }, iouThreshold);
  expect(kept).toEqual(batchedNms(boxes, scores, labels, { iouThreshold }));
  const isKept = new Set(kept);
  expect(isKept.size).toBeLessThan(count);
  const iou = boxIou(boxes, boxes);
  by.forEach((winner, i) => {
    if (isKept.has(i)) return expect(winner).toBe(-1);
    expect(isKept.has(winner)).toBe(true);
    expect(labels[winner]).toBe(labels[i]);
    expect(scores[winner]).toBeGreaterThanOrEqual(scores[i]!);
    expect(iou[i * count + winner]).toBeGreaterThan(iouThreshold);
  });
});
