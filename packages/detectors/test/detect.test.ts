import { boxIou, mulberry32 } from '@roikit/geometry';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { createDetector, train } from '../src';
import { BACKBONES } from '../src/backbone/backbones';
import { convBackbone } from '../src/backbone/convBackbone';
import { useTestEngine } from '../../engine/test/testEngine';
import { collect } from '../../training/test/runs';
import { gridProposals, noise, scene, tinyDetector } from './scenes';

const base = { type: 'fast-rcnn', classes: ['a'], backbone: 'squeezenet1_1' } as const;

beforeAll(useTestEngine);

describe('detect', () => {
  test('takes the boxes it is given, keeps within the image and the limits, best first', async () => {
    const detector = tinyDetector();
    const image = await scene();
    const options = { proposals: gridProposals(image), scoreThreshold: 0, maxDetections: 9 };
    const { boxes, scores, labels, timings } = await detector.detect(image, options);
    expect(scores.length).toBe(9);
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
    expect(boxes.every((value) => value >= 0 && value <= 64)).toBe(true);
    expect(labels.every((label) => label === 1 || label === 2)).toBe(true);
    expect(Object.values(timings).every((ms) => ms >= 0)).toBe(true);
    detector.dispose();
  });

  test("searches by itself unless it was made with 'precomputed'", async () => {
    const image = await scene();
    const own = tinyDetector({ proposals: { mode: 'single' } });
    expect((await own.detect(image, { scoreThreshold: 0 })).scores.length).toBeGreaterThan(0);
    await expect(tinyDetector().detect(image)).rejects.toThrow(/pass them as options.proposals/);
  });

  test('no proposal, no detection; a picture of the wrong size is refused', async () => {
    const detector = tinyDetector();
    const image = await scene();
    const none = await detector.detect(image, { proposals: new Float32Array(0) });
    expect(none.scores.length).toBe(0);
    const short = { ...image, data: image.data.subarray(1) };
    await expect(detector.detect(short, { proposals: gridProposals(image) })).rejects.toThrow(
      /3 or 4 bytes a pixel/,
    );
  });

  test('a picture twice as large gives the same detections in its own pixels', async () => {
    const detector = tinyDetector();
    const image = await scene();
    const data = new Uint8Array(4 * image.data.length);
    for (let y = 0; y < 128; y++) {
      for (let x = 0; x < 128; x++) {
        const from = ((y >> 1) * 64 + (x >> 1)) * 3;
        data.set(image.data.subarray(from, from + 3), (y * 128 + x) * 3);
      }
    }
    const proposals = gridProposals(image);
    const small = await detector.detect(image, { proposals, scoreThreshold: 0, maxDetections: 5 });
    const double = { data, width: 128, height: 128 };
    const large = await detector.detect(double, {
      proposals: proposals.map((value) => 2 * value),
      scoreThreshold: 0,
      maxDetections: 5,
    });
    const iou = boxIou(
      small.boxes.map((value) => 2 * value),
      large.boxes,
    );
    for (let i = 0; i < 5; i++) expect(iou[6 * i]).toBeGreaterThan(0.95);
  });

  test('nmsThreshold: what is kept overlaps by no more', async () => {
    const detector = tinyDetector();
    const image = await scene();
    const options = { proposals: gridProposals(image), scoreThreshold: 0, maxDetections: 1000 };
    const [all, few] = [
      await detector.detect(image, { ...options, nmsThreshold: 1 }),
      await detector.detect(image, { ...options, nmsThreshold: 0.1 }),
    ];
    expect(few.labels.length).toBeLessThan(all.labels.length);
    const n = few.labels.length;
    const iou = boxIou(few.boxes, few.boxes);
    for (let i = 0; i < n; i++)
      for (let j = 0; j < i; j++)
        if (few.labels[i] === few.labels[j]) expect(iou[i * n + j]).toBeLessThanOrEqual(0.1);
  });

  test('leaves no tensor behind where a part fails, in detection as in what training reads', async () => {
    const detector = tinyDetector();
    const image = await scene();
    const proposals = gridProposals(image);
    const fail = () => {
      throw new Error('out of memory');
    };
    await detector.detect(image, { proposals }); // folds its weights once
    const before = tf.memory().numTensors;
    const { head, backbone } = detector.parts;
    const { predict } = head;
    head.predict = fail;
    await expect(detector.detect(image, { proposals })).rejects.toThrow('out of memory');
    head.predict = predict;
    backbone.features = fail;
    expect(() => detector.contextOf(image)).toThrow('out of memory');
    expect(tf.memory().numTensors).toBe(before);
    detector.dispose();
  });

  test('leaves no tensor behind', async () => {
    const detector = tinyDetector();
    const image = await scene();
    await detector.detect(image, { proposals: gridProposals(image) });
    const before = tf.memory().numTensors;
    for (let i = 0; i < 20; i++) await detector.detect(image, { proposals: gridProposals(image) });
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('thin pictures', () => {
  test.each([
    [10, 1000],
    [1000, 10],
    [2, 2000],
    [1, 1],
  ])('%i × %i pixels are searched, learned and detected', async (width, height) => {
    const detector = createDetector({
      ...base,
      transform: { minSize: 60, maxSize: 100 },
      head: { hidden: [8] },
      regions: { outputSize: [2, 2] },
      random: mulberry32(1),
    });
    const image = noise(width, height);
    const proposals = Float32Array.of(0, 0, width, height);
    const { boxes } = await detector.detect(image, { proposals, scoreThreshold: 0 });
    expect(boxes.every((value, i) => value >= 0 && value <= (i % 2 === 0 ? width : height))).toBe(true);
    const truth = { boxes: proposals, labels: Int32Array.of(1) };
    const dataset = {
      name: 'thin',
      classes: ['a'],
      length: 1,
      id: () => 't',
      get: async () => ({ id: 't', image, truth }),
    };
    const events = await collect(
      train(detector, dataset, { epochs: 1, proposals: () => proposals, random: mulberry32(1) }),
    );
    expect(events.at(-1)).toEqual({ type: 'done' });
    detector.dispose();
  });

  test.each(Object.keys(BACKBONES) as (keyof typeof BACKBONES)[])(
    '%s: its smallest input is computed, and no smaller one',
    (name) => {
      const { layers } = BACKBONES[name];
      const backbone = convBackbone({ name, layers: [...layers], frozenThrough: null }, null);
      const side = backbone.smallestInput;
      const shapeOf = (size: number) =>
        tf.tidy(() => backbone.features(tf.zeros([1, size, size, 3]))[0]!.map.shape.slice(1, 3));
      expect(Math.min(...shapeOf(side))).toBeGreaterThanOrEqual(1);
      if (side > 1)
        expect(() => shapeOf(side - 1)).toThrow(/as large as the window|must be|Invalid|negative/);
      backbone.dispose();
    },
  );
});

test('dispose frees everything, layers beyond the map that is used too', () => {
  const before = tf.memory().numTensors;
  tinyDetector({ neck: { channels: 8 } }).dispose();
  expect(tf.memory().numTensors).toBe(before);
});
