import { mulberry32 } from '@roikit/geometry';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { createDetector, packDetector, unpackDetector, type CreateDetectorOptions } from '../src';
import { useTestEngine } from '../../engine/test/testEngine';

beforeAll(useTestEngine);

const backbone = { name: 'squeezenet1_1', layers: ['features.2'], frozenThrough: null };

/** The message of what can't be made; nothing of it may stay. */
function refusal(type: string, options: object): string {
  const before = tf.memory().numTensors;
  let message = 'made';
  try {
    const all = { type, classes: ['a'], backbone, ...options, random: mulberry32(1) };
    createDetector(all as CreateDetectorOptions).dispose();
  } catch (error) {
    expect(error).toBeInstanceOf(RangeError);
    ({ message } = error as Error);
  }
  expect(tf.memory().numTensors).toBe(before);
  return message;
}

describe('numbers that no network has', () => {
  test.each([
    ['fast-rcnn', { neck: { channels: 0 } }, /^createDetector: neck\.channels: .*>=1, got 0$/],
    ['fast-rcnn', { neck: { channels: 1.5 } }, /^createDetector: neck\.channels: expected int, got 1\.5$/],
    ['fast-rcnn', { neck: { channels: 1e9 } }, /^createDetector: neck\.channels: .*<=65536, got 1000000000$/],
    ['fast-rcnn', { neck: { channels: 'many' } }, /neck\.channels: expected number, got "many"$/],
    ['faster-rcnn', { fpn: { channels: 1e7 } }, /fpn\.channels: .*<=65536, got 10000000$/],
    ['faster-rcnn', { rpn: { convDepth: 1e9 } }, /rpn\.convDepth: .*<=64, got 1000000000$/],
    ['faster-rcnn', { regions: { outputSize: [7, 1e9] } }, /regions\.outputSize\.1: .*<=256, got/],
    ['rcnn', { head: { hidden: [64, 1e15] } }, /head\.hidden\.1: .*<=65536, got/],
    ['fast-rcnn', { head: { convs: [1e9] } }, /head\.convs\.0: .*<=65536, got/],
    ['spp-net', { regions: { levels: [1, 1e9] } }, /regions\.levels\.1: .*<=256, got/],
  ])('%s %j', (type, options, message) => {
    expect(refusal(type, options)).toMatch(message);
  });
});

describe('settings of a head that it could not use', () => {
  test.each([
    [
      'fast-rcnn',
      { convs: [4], ranks: { fc6: 2 } },
      /^createDetector: head\.ranks is of a head without convol/,
    ],
    [
      'faster-rcnn',
      { hidden: [8], ranks: { fc7: 2 } },
      /ranks must name hidden layers \(fc6\) .*got fc7: 2$/,
    ],
    ['spp-net', { hidden: [], ranks: { fc6: 2 } }, /ranks must name hidden layers \(there are none\)/],
    ['fast-rcnn', { convs: [4], dropout: 1 }, /dropout must be in \[0, 1\), got 1$/],
  ])('%s %j', (type, head, message) => {
    expect(refusal(type, { head })).toMatch(message);
  });
});

const tooMuch = { neck: { channels: 65_536 }, head: { hidden: [65_536] } };
const why =
  /expected layers that fit the memory, got larger ones \(.*\); make channels, hidden or outputSize/;

test('each number is fine, all together fit no memory: said so, and what was made is freed', () => {
  expect(refusal('fast-rcnn', tooMuch)).toMatch(why);
  expect(refusal('fast-rcnn', {})).toBe('made');
});

test('the same of a folder that was edited', async () => {
  const detector = createDetector({
    type: 'fast-rcnn',
    classes: ['a'],
    backbone,
    neck: { channels: 8 },
    head: { hidden: [8] },
    random: mulberry32(1),
  });
  const files = await packDetector(detector);
  detector.dispose();
  const manifest = JSON.parse(new TextDecoder().decode(files['detector.json'])) as { config: object };
  Object.assign(manifest.config, tooMuch, { head: { hidden: [65_536], dropout: 0 } });
  const edited = { ...files, 'detector.json': new TextEncoder().encode(JSON.stringify(manifest)) };
  const before = tf.memory().numTensors;
  await expect(unpackDetector(edited)).rejects.toThrow(why);
  expect(tf.memory().numTensors).toBe(before);
});
