import { mulberry32 } from '@roikit/geometry';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { useTestEngine } from '../../engine/test/testEngine';
import { packDetector, resolveConfig, unpackDetector, type FasterRCNN } from '../src';
import { noise, tinyDetector } from './scenes';
import { oneMap, tinyFasterRCNN } from './tinyFasterRCNN';

beforeAll(useTestEngine);

describe('detect', () => {
  test.each([
    ['a pyramid', {}],
    ['one map', oneMap],
  ])('%s: detections and proposals lie in the picture, and nothing is left behind', async (_, options) => {
    const detector = tinyFasterRCNN(options);
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

  test('a folder holds all of it', async () => {
    const detector = tinyFasterRCNN();
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

test('cells at the corners are so for regions of one map too', () => {
  const detector = tinyFasterRCNN({ ...oneMap, cells: 'corner' });
  const context = {
    images: [{ data: new Uint8Array(), width: 64, height: 64 }],
    sizes: [{ width: 64, height: 64 }],
    maps: [{ map: undefined as unknown as tf.Tensor4D, field: { stride: 8, center: 7.5 } }],
  };
  expect([...detector.parts.regionFeatures.cells!(context, Float32Array.of(3, 5, 21, 34))]).toEqual([
    0, 1, 3, 4, 0,
  ]);
  detector.dispose();
});

test('offsets are of the deviations that it is told', () => {
  const weights: [number, number, number, number] = [1, 2, 3, 4];
  for (const make of [tinyFasterRCNN, tinyDetector]) {
    const detector = make({ boxCoder: { weights } });
    expect(detector.parts.coder.weights).toEqual(weights);
    detector.dispose();
  }
});

describe('inference', () => {
  test('a head of convolutions has their batch norms folded: the same predictions, of the weights as they are', () => {
    const detector = tinyFasterRCNN({ head: { convs: [8, 12], hidden: [16], dropout: 0.5 } });
    const { head } = detector.parts;
    const input = tf.randomUniform([5, 3, 3, 16], -1, 1, 'float32', 1);
    const differ = () =>
      tf.tidy(() => {
        const { scores, boxOffsets } = head.predict(input);
        const { clsScore, bboxPred } = head.logits(input, { training: false });
        const pairs = [
          [scores, tf.softmax(clsScore)],
          [boxOffsets, bboxPred],
        ] as const;
        return Math.max(...pairs.map(([a, b]) => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]!));
      });
    expect(differ()).toBeLessThan(1e-5);
    for (const [name, variable] of detector.variables()) {
      if (name.startsWith('head.')) variable.assign(tf.tidy(() => tf.add(tf.mul(variable, 3), 0.1)));
    }
    expect(differ()).toBeLessThan(1e-4);
    // Statistics and all, as when another detector's weights are loaded.
    const all = tf.tidy(() => head.model.getWeights().map((weight) => tf.mul(weight, 0.5)));
    head.model.setWeights(all);
    tf.dispose(all);
    expect(differ()).toBeLessThan(1e-4);
    const before = tf.memory().numTensors;
    tf.tidy(() => void head.predict(input));
    expect(tf.memory().numTensors).toBe(before);
    input.dispose();
    detector.dispose();
  });

  test('batch norms of the pyramid are folded: the same maps, of the statistics as they are', async () => {
    const backbone = { name: 'mobilenetV2', layers: ['features.3', 'features.6'], frozenThrough: null };
    const detector = tinyFasterRCNN({ backbone, fpn: { channels: 8, batchNorm: true } });
    const state = await detector.stateDict();
    const random = mulberry32(4);
    for (const [key, tensor] of state) {
      const data = Float32Array.from({ length: tensor.data.length }, () => 0.5 + random());
      if (/fpn\..*\.1\.\w+$/.test(key)) state.set(key, { dtype: 'float32', shape: tensor.shape, data });
    }
    detector.load(state);
    const input = tf.randomUniform<tf.Rank.R4>([1, 62, 90, 3], -1, 1, 'float32', 1);
    expect(foldedApart(detector, input)).toBeLessThan(1e-4);
    const { kernelNames } = await tf.profile(() => detector.features(input).map(({ map }) => map));
    expect(kernelNames).not.toContain('FusedBatchNorm');
    tf.dispose(input);
    detector.dispose();
  });

  test('follows the weights: after training, what is folded is made anew', async () => {
    const detector = tinyFasterRCNN({
      backbone: { name: 'mobilenetV2', layers: ['features.3', 'features.6'], frozenThrough: null },
    });
    const input = tf.randomUniform<tf.Rank.R4>([1, 64, 96, 3], -1, 1, 'float32', 1);
    expect(foldedApart(detector, input)).toBeLessThan(1e-4);
    for (const name of ['backbone.body.features.0.0/kernel', 'backbone.fpn.inner_blocks.1.0/kernel']) {
      const kernel = detector.variables().get(name)!;
      kernel.assign(tf.tidy(() => tf.mul(kernel, 1.5)));
      expect(foldedApart(detector, input)).toBeLessThan(1e-4);
    }
    input.dispose();
    detector.dispose();
  });
});

/** The largest difference between the maps of detection and of training, over the largest value. */
function foldedApart(detector: FasterRCNN, input: tf.Tensor4D): number {
  return tf.tidy(() => {
    const fast = detector.features(input).map(({ map }) => map);
    const slow = detector.parts.backbone.features(input).map(({ map }) => map);
    const largest = (some: tf.Tensor) => tf.max(tf.abs(some)).dataSync()[0]!;
    expect(slow.length).toBe(fast.length);
    return Math.max(...fast.map((map, i) => largest(tf.sub(map, slow[i]!)) / largest(slow[i]!)));
  });
}
