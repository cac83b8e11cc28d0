import { boxIou, mulberry32 } from '@roikit/geometry';
import type { RgbImage } from '@roikit/image';
import type { CheckpointStore } from '@roikit/training';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  createDetector,
  evaluate,
  packDetector,
  resolveConfig,
  train,
  transferDetector,
  unpackDetector,
  type FasterRCNNOptions,
  type TrainEvent,
  type TrainOptions,
} from '../src';
import { flooredSize, paddedTransform } from '../src/paddedTransform';
import { useTestEngine } from '../../engine/test/testEngine';
import { squares } from './scenes';

beforeAll(useTestEngine);

/** Two maps of SqueezeNet's first layers (strides 4 and 8) and one level more, 64 pixels. */
function tiny(options: Partial<FasterRCNNOptions> & { random?: () => number } = {}) {
  return createDetector({
    type: 'faster-rcnn',
    classes: ['red', 'blue'],
    backbone: { name: 'squeezenet1_1', layers: ['features.3', 'features.6'], frozenThrough: null },
    fpn: { channels: 16 },
    rpn: { anchors: { sizes: [[16], [24], [36]], aspectRatios: [1] }, preNms: 50, postNms: 20 },
    transform: { minSize: 64, maxSize: 128 },
    regions: { outputSize: [3, 3] },
    head: { hidden: [32] },
    random: mulberry32(1),
    ...options,
  });
}

/** The paper's form. */
const oneMap = {
  backbone: { name: 'squeezenet1_1', layers: ['features.3'], frozenThrough: null },
  fpn: null,
  rpn: { anchors: { sizes: [[20, 28, 36]], aspectRatios: [1] }, preNms: 100, postNms: 30 },
} as const satisfies Partial<FasterRCNNOptions>;

function noise(width: number, height: number): RgbImage {
  const random = mulberry32(width);
  return { data: Uint8Array.from({ length: width * height * 3 }, () => 256 * random()), width, height };
}

describe('the transform', () => {
  // torchvision's GeneralizedRCNNTransform, run: ../shared's specification of Faster R-CNN, §2.
  test.each([
    [480, 640, 800, 1066],
    [375, 500, 800, 1066],
    [427, 640, 800, 1199],
    [600, 1000, 799, 1333],
    [1000, 300, 1333, 399],
    [2000, 333, 1333, 221],
    [500, 353, 1133, 800],
    [97, 97, 799, 799],
    [161, 240, 799, 1192],
  ])('%i × %i becomes %i × %i, as in torchvision', (height, width, newHeight, newWidth) => {
    const size = flooredSize({ width, height }, { minSize: 800, maxSize: 1333 });
    expect(size).toEqual({ height: newHeight, width: newWidth });
  });

  test('values are torchvision’s, and padding is the mean colour', () => {
    const values = Uint8Array.from({ length: 36 }, (_, i) => Math.floor(i / 3));
    const { input, size } = paddedTransform({
      minSize: 5,
      maxSize: 7,
      mean: [0, 0, 0],
      std: [1 / 255, 1 / 255, 1 / 255],
    }).apply({ data: values, width: 4, height: 3 });
    expect(size).toEqual({ height: 5, width: 6 }); // 4 · 5/3 is 6.67
    expect(input.shape).toEqual([1, 32, 32, 3]);
    const rows = input.arraySync()[0]!;
    // (j + ½) · 4/6 − ½ across, (1 + ½) · 3/5 − ½ = 0.4 down; 4 from one row to the next.
    const across = [0, 0.5, 7 / 6, 11 / 6, 2.5, 3];
    across.forEach((x, j) => expect(rows[1]![j]![0]).toBeCloseTo(0.4 * 4 + x, 4));
    expect([rows[5]![0]![0], rows[0]![6]![0], rows[31]![31]![2]]).toEqual([0, 0, 0]);
    input.dispose();
  });
});

describe('detect', () => {
  test.each([
    ['a pyramid', {}],
    ['one map', oneMap],
  ])('%s: detections and proposals lie in the picture, and nothing is left behind', async (_, options) => {
    const detector = tiny(options);
    const image = noise(100, 70);
    await detector.detect(image);
    const before = tf.memory().numTensors;
    const { boxes, scores } = await detector.detect(image, { scoreThreshold: 0 });
    const proposals = await detector.propose(image);
    expect(scores.length).toBeGreaterThan(0);
    expect(proposals.length).toBeGreaterThan(0);
    expect(proposals.length).toBeLessThanOrEqual(4 * 30);
    for (const some of [boxes, proposals]) {
      for (let i = 0; i < some.length; i += 4) {
        const [x1, y1, x2, y2] = some.subarray(i, i + 4) as unknown as [number, number, number, number];
        expect(x1 >= 0 && x1 < x2 && x2 <= 100).toBe(true);
        expect(y1 >= 0 && y1 < y2 && y2 <= 70).toBe(true);
      }
    }
    expect(tf.memory().numTensors).toBe(before);
    detector.dispose();
  });

  test('anchors are centred where the cells look', () => {
    const detector = tiny();
    const maps = detector.features(tf.zeros([1, 64, 96, 3]));
    const { boxes, counts } = detector.parts.proposals.anchors(maps);
    expect(counts).toEqual(maps.map(({ map }) => map.shape[1] * map.shape[2]));
    // features.6's second row, third column: stride 8, one anchor of 24.
    const [, , columns] = maps[1]!.map.shape;
    const at = 4 * (counts[0]! + columns + 2);
    const { stride, center } = maps[1]!.field;
    expect(stride).toBe(8);
    const [x, y] = [2 * stride + center, stride + center];
    expect(Array.from(boxes.subarray(at, at + 4))).toEqual([x - 12, y - 12, x + 12, y + 12]);
    tf.dispose(maps.map(({ map }) => map));
    detector.dispose();
  });

  test('a folder holds all of it', async () => {
    const detector = tiny();
    const loaded = await unpackDetector(await packDetector(detector));
    expect(loaded.config).toEqual(detector.config);
    const image = noise(90, 64);
    const found = await detector.detect(image, { scoreThreshold: 0 });
    const again = await loaded.detect(image, { scoreThreshold: 0 });
    expect({ ...again, timings: 0 }).toEqual({ ...found, timings: 0 });
    const names = [...(await detector.stateDict()).keys()];
    for (const name of [
      'backbone.fpn.layer_blocks.0.0.weight',
      'proposals.cls_logits.bias',
      'head.fc6.weight',
    ])
      expect(names).toContain(name);
    for (const some of [detector, loaded]) some.dispose();
  });
});

describe('defaults', () => {
  const base = { type: 'faster-rcnn', classes: ['a'], backbone: 'resnet50' } as const;

  test('ResNet has the paper’s pyramid; without one, one map and nine anchors', () => {
    const { backbone, rpn } = resolveConfig(base);
    expect(backbone.layers).toEqual(['layer1', 'layer2', 'layer3', 'layer4']);
    expect(rpn.anchors.sizes).toEqual([[32], [64], [128], [256], [512]]);
    const single = resolveConfig({ ...base, backbone: 'vgg16' });
    expect([single.fpn, single.rpn.anchors.sizes]).toEqual([null, [[128, 256, 512]]]);
  });

  test('anchors that do not fit the levels are told', () => {
    const anchors = { sizes: [[32], [64, 128]] };
    expect(() => resolveConfig({ ...base, rpn: { anchors } })).toThrow(
      /rpn\.anchors\.sizes must have as many sizes for each of the 5 levels/,
    );
    expect(() =>
      resolveConfig({ ...base, fpn: null, backbone: { name: 'resnet50', layers: ['layer2', 'layer3'] } }),
    ).toThrow(/need fpn/);
  });
});

describe('transfer', () => {
  test('a detector for other classes keeps all weights but the predictor’s, and the source its own', async () => {
    const source = tiny();
    const before = await source.stateDict();
    const detector = await transferDetector(source, { classes: ['a', 'b', 'c'], random: mulberry32(8) });
    const { classes: _, ...settings } = source.config;
    expect(detector.config).toEqual({ ...settings, classes: ['a', 'b', 'c'] });
    const after = await detector.stateDict();
    expect([...after.keys()]).toEqual([...before.keys()]);
    for (const [key, { data, shape }] of after) {
      if (!/cls_score|bbox_pred/.test(key) || key.startsWith('proposals.'))
        expect(data).toEqual(before.get(key)!.data);
      else expect(shape[0]).toBe(key.includes('cls_score') ? 4 : 16);
    }
    const score = after.get('head.cls_score.weight')!.data as Float32Array;
    expect(score.some((value) => value !== 0)).toBe(true);
    const same = await transferDetector(source, { classes: ['x', 'y'], random: mulberry32(9) });
    expect((await same.stateDict()).get('head.cls_score.weight')!.data).not.toEqual(
      before.get('head.cls_score.weight')!.data,
    );
    expect(await source.stateDict()).toEqual(before);
    for (const some of [source, detector, same]) some.dispose();
  });
});

describe('inference', () => {
  test('follows the weights: after training, what is folded is made anew', async () => {
    const detector = tiny({
      backbone: { name: 'mobilenetV2', layers: ['features.3', 'features.6'], frozenThrough: null },
    });
    const input = tf.randomUniform<tf.Rank.R4>([1, 64, 96, 3], -1, 1, 'float32', 1);
    const differ = () =>
      tf.tidy(() => {
        const fast = detector.features(input).map(({ map }) => map);
        const slow = detector.parts.backbone.features(input).map(({ map }) => map);
        return Math.max(...fast.map((map, i) => tf.max(tf.abs(tf.sub(map, slow[i]!))).dataSync()[0]!));
      });
    expect(differ()).toBeLessThan(1e-4);
    const kernel = detector.variables().get('backbone.body.features.0.0/kernel')!;
    kernel.assign(tf.tidy(() => tf.mul(kernel, 1.5)));
    expect(differ()).toBeLessThan(1e-4);
    input.dispose();
    detector.dispose();
  });
});

async function collect(events: AsyncGenerator<TrainEvent>): Promise<TrainEvent[]> {
  const all: TrainEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

const stepsOf = (events: TrainEvent[]) =>
  events.flatMap((event) => (event.type === 'step' ? [event.losses] : []));

const options = (extra: Partial<TrainOptions> = {}): TrainOptions => ({
  epochs: 2,
  batch: { regions: 32, anchors: 32, proposals: 60 },
  augment: { scale: [1, 1] },
  optimizer: { type: 'adamw', learningRate: 2e-3 },
  random: mulberry32(2),
  ...extra,
});

describe('train', () => {
  test('learns: squares it has not seen are found, by proposals of its own', async () => {
    const detector = tiny();
    const fresh = squares({ count: 12, seed: 9 });
    const score = async () => {
      const events = evaluate(detector, fresh);
      for (;;) {
        const next = await events.next();
        if (next.done) return next.value.ap50;
      }
    };
    const before = await score();
    await collect(train(detector, squares({ count: 24 }), options({ epochs: 14 })));
    expect(before).toBeLessThan(0.3);
    expect(await score()).toBeGreaterThan(0.8);
    let found = 0;
    for (let i = 0; i < fresh.length; i++) {
      const { image, truth } = await fresh.get(i);
      const best = (await detector.propose(image)).subarray(0, 4 * 5);
      if (Math.max(...boxIou(truth.boxes, best)) > 0.5) found++;
    }
    expect(found).toBeGreaterThan(9); // of 12
    detector.dispose();
  }, 300_000);

  test('stopped in mid-epoch and resumed, it goes through the same four losses as an unbroken run', async () => {
    const dataset = squares({ count: 5 });
    const settings = { detector: { head: { hidden: [32], dropout: 0.3 } } };
    const whole = stepsOf(await collect(train(tiny(settings.detector), dataset, options())));
    const names = ['objectness', 'rpnBoxRegression', 'classification', 'boxRegression'];
    for (const losses of whole) expect(Object.keys(losses)).toEqual(expect.arrayContaining(names));

    let saved: Awaited<ReturnType<CheckpointStore['load']>>;
    const checkpoint: CheckpointStore = {
      load: async () => saved,
      save: async (state) => void (saved = structuredClone(state)),
    };
    const controller = new AbortController();
    const first: TrainEvent[] = [];
    const interrupted = options({ checkpoint, signal: controller.signal });
    for await (const event of train(tiny(settings.detector), dataset, interrupted)) {
      first.push(event);
      if (stepsOf(first).length === 4) controller.abort();
    }
    expect(first.at(-1)).toEqual({ type: 'stopped', phase: 'joint' });
    const other = tiny({ ...settings.detector, random: mulberry32(77) });
    const rest = await collect(train(other, dataset, options({ checkpoint, random: mulberry32(5) })));
    expect(stepsOf([...first, ...rest])).toEqual(whole);
  }, 60_000);

  test('leaves nothing in memory but the weights; empty pictures and other shapes are learned from too', async () => {
    const detector = tiny();
    const scenes = squares({ count: 3 });
    const dataset = {
      ...scenes,
      get: async (index: number) => {
        const sample = await scenes.get(index);
        if (index !== 1) return sample;
        return {
          ...sample,
          image: noise(90, 64),
          truth: { boxes: new Float32Array(0), labels: new Int32Array(0) },
        };
      },
    };
    await collect(train(detector, dataset, options({ epochs: 1 })));
    const before = tf.memory().numTensors;
    await collect(train(detector, dataset, options({ epochs: 1, batch: { images: 3 } })));
    expect(tf.memory().numTensors).toBe(before);
    detector.dispose();
  }, 60_000);
});
