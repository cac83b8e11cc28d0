import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { compress, packDetector, unpackDetector } from '../src';
import { useTestEngine } from '../../engine/test/testEngine';
import { gridProposals, squares, tinyDetector } from './scenes';

beforeAll(useTestEngine);

test('at full rank a compressed detector says the same, at less it is smaller; both are saved and loaded', async () => {
  const detector = tinyDetector({ head: { hidden: [32, 16] } });
  const { image } = await squares({ count: 1 }).get(0);
  const options = { proposals: gridProposals(image), scoreThreshold: 0 };
  const { boxes, scores, labels } = await detector.detect(image, options);

  const whole = await compress(detector, { fc6: 32, fc7: 16 });
  const same = await whole.detector.detect(image, options);
  expect(same.labels).toEqual(labels);
  same.scores.forEach((score, i) => expect(score).toBeCloseTo(scores[i]!, 4));
  same.boxes.forEach((value, i) => expect(value).toBeCloseTo(boxes[i]!, 2));
  expect(whole.layers.map(({ error }) => error < 1e-3)).toEqual([true, true]);

  const { detector: small, layers } = await compress(detector, { fc6: 8 });
  expect(layers).toMatchObject([{ name: 'fc6', rank: 8, before: 1152 * 32, after: 8 * (1152 + 32) }]);
  expect(layers[0]!.error).toBeGreaterThan(0.1); // random weights have no small singular values
  const packed = await packDetector(small);
  expect(packed['weights.safetensors'].length).toBeLessThan(
    (await packDetector(detector))['weights.safetensors'].length,
  );
  const loaded = await unpackDetector(packed);
  const [{ timings: _, ...got }, { timings: __, ...expected }] = [
    await loaded.detect(image, options),
    await small.detect(image, options),
  ];
  expect(got).toEqual(expected);
  for (const one of [detector, whole.detector, small, loaded]) one.dispose();
});

test('layers that the head has not, and ranks that are too large, are named; nothing is left behind', async () => {
  const detector = tinyDetector();
  const before = tf.memory().numTensors;
  await expect(compress(detector, { fc9: 4 })).rejects.toThrow(/the head's own \(fc6\), got fc9/);
  await expect(compress(detector, { fc6: 33 })).rejects.toThrow(/rank must be from 1 to 32, got 33/);
  expect(tf.memory().numTensors).toBe(before);
  detector.dispose();
});
