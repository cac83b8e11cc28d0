import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { useTestEngine } from '../../engine/test/testEngine';
import { noise } from './scenes';
import { oneMap, tinyFasterRCNN } from './tinyFasterRCNN';

beforeAll(useTestEngine);

test('anchors are centred where the cells look', () => {
  const detector = tinyFasterRCNN();
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

test.each([
  ['where cells look', 20, {}],
  ['torchvision’s cells', 20, { cells: 'corner' }],
  ['one map', 30, oneMap],
] as const)(
  '%s: proposals are those of all predictions, read of the best anchors only',
  async (_, postNms, options) => {
    const detector = tinyFasterRCNN(options);
    const image = noise(150, 97);
    const { context, dispose } = detector.contextOf(image);
    const [given, rpn] = [{ image, size: context.sizes[0]! }, detector.parts.proposals];
    const before = tf.memory().numTensors;
    const counts: number[] = [];
    for (const maxProposals of [undefined, 7, 5000]) {
      const found = await rpn.propose({ ...given, maps: context.maps, maxProposals });
      counts.push(found.length / 4);
      const expected = rpn.select(await rpn.predict(context.maps), { ...given, maxProposals });
      expect(found.length).toBeGreaterThan(0);
      expect(found).toEqual(expected);
    }
    // Its own number (postNms) of the best of each map, or what it is told: fewer, or all that are left.
    expect(counts[0]).toBe(postNms);
    expect(counts[1]).toBeLessThanOrEqual(7);
    expect(counts[2]).toBeGreaterThan(postNms);
    expect(tf.memory().numTensors).toBe(before);
    dispose();
    detector.dispose();
  },
);
