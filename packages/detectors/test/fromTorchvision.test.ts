import { AnchorGenerator } from '@roikit/geometry';
import type { StateDict, StateTensor } from '@roikit/weights';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  COCO_CLASSES,
  fromTorchvision,
  packDetector,
  torchvisionArchitectures,
  unpackDetector,
  type FromTorchvisionOptions,
  type GeneralizedRCNN,
} from '../src';
import type { JointParts } from '../src/training/jointPhase';
import { useTestEngine } from '../../engine/test/testEngine';
import { everything, golden, testedNets, type DetectRun } from './torchvisionGolden';
import { compareRun } from './torchvisionRun';
import { expectRun } from './expectRun';
import { picture, seededState, small } from './torchvisionWeights';

beforeAll(useTestEngine);

describe.each(testedNets())('%s', (architecture, net) => {
  test('sizes, maps, anchors, proposals and detections are torchvision’s', async () => {
    const detector = (await fromTorchvision(seededState(net), {
      architecture,
      transform: small,
    })) as GeneralizedRCNN<JointParts>;
    for (const run of net.runs) expectRun(await compareRun(detector, run), run);
    detector.dispose();
  }, 600_000);
});

const MOBILE = 'fasterrcnn_mobilenet_v3_large_320_fpn';
const mobile = golden.nets[MOBILE]!;
const load = (state: StateDict, options: Partial<FromTorchvisionOptions> = {}) =>
  fromTorchvision(state, { architecture: MOBILE, transform: small, ...options });

test('anchors of full-sized pictures are torchvision’s, to the last', () => {
  const generator = new AnchorGenerator();
  for (const { size, count, rows, boxes } of golden.anchors) {
    const [height, width] = size;
    const maps = [4, 8, 16, 32, 64].map((stride) => ({
      width: Math.ceil(width / stride),
      height: Math.ceil(height / stride),
    }));
    const { boxes: got } = generator.generate({ width, height }, maps);
    expect(got.length).toBe(4 * count);
    expect(rows.flatMap((row) => [...got.subarray(4 * row, 4 * row + 4)])).toEqual(boxes);
  }
});

test('the classes are COCO’s categories by id, gaps included; other numbers of them must be named', async () => {
  expect(COCO_CLASSES.length).toBe(90);
  expect([COCO_CLASSES[0], COCO_CLASSES[17], COCO_CLASSES[89]]).toEqual(['person', 'dog', 'toothbrush']);
  const gaps = COCO_CLASSES.flatMap((name, i) => (name === 'N/A' ? [i + 1] : []));
  expect(gaps).toEqual([12, 26, 29, 30, 45, 66, 68, 69, 71, 83]);
  const detector = await load(seededState(mobile));
  expect(detector.config.classes).toEqual(COCO_CLASSES);
  detector.dispose();

  const three = seededState({ ...mobile, shapes: withClasses(2) });
  await expect(load(three)).rejects.toThrow(/classes must be given: the weights are for 2 classes/);
  const own = await load(three, { classes: ['cat', 'dog'] });
  expect(own.config.classes).toEqual(['cat', 'dog']);
  own.dispose();
});

/** The network's shapes with a predictor of another size. */
function withClasses(count: number): Record<string, number[]> {
  const predictor = 'roi_heads.box_predictor.';
  const resized = {
    [`${predictor}cls_score.weight`]: [count + 1, 1024],
    [`${predictor}cls_score.bias`]: [count + 1],
    [`${predictor}bbox_pred.weight`]: [4 * (count + 1), 1024],
    [`${predictor}bbox_pred.bias`]: [4 * (count + 1)],
  };
  return { ...mobile.shapes, ...resized };
}

test('keys of older files load as today’s, and counts of batches are left out', async () => {
  const state = seededState(mobile);
  const older: StateDict = new Map(
    [...state].map(([key, tensor]) => [
      key.replace(/(_blocks\.\d)\.0\./, '$1.').replace('rpn.head.conv.0.0.', 'rpn.head.conv.'),
      tensor,
    ]),
  );
  expect([...older.keys()].filter((key) => !state.has(key)).length).toBe(10);
  older.set('backbone.body.0.1.num_batches_tracked', {
    dtype: 'int64',
    shape: [],
    data: new BigInt64Array(1),
  });
  const [today, before] = [await load(state), await load(older)];
  const [a, b] = [await today.stateDict(), await before.stateDict()];
  expect([...b.keys()]).toEqual([...a.keys()]);
  const bytes = ({ data }: StateTensor) => Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const different = [...a].filter(([key, tensor]) => !bytes(tensor).equals(bytes(b.get(key)!))); // toEqual takes minutes
  expect(different.map(([key]) => key)).toEqual([]);
  today.dispose();
  before.dispose();
});

test('missing, unexpected and mis-shaped keys are told together, by the file’s names', async () => {
  const state = seededState(mobile);
  state.delete('rpn.head.cls_logits.bias');
  state.set('roi_heads.mask_head.0.0.bias', { dtype: 'float32', shape: [1], data: new Float32Array(1) });
  state.set('backbone.body.0.0.weight', {
    dtype: 'float32',
    shape: [16, 3, 5, 3],
    data: new Float32Array(720),
  });
  const told = load(state);
  await expect(told).rejects.toThrow(/missing \(1\): rpn\.head\.cls_logits\.bias/);
  await expect(told).rejects.toThrow(/unexpected \(1\): roi_heads\.mask_head\.0\.0\.bias/);
  await expect(told).rejects.toThrow(
    /another shape \(1\): backbone\.body\.0\.0\.weight is \[16, 3, 5, 3\], expected \[16, 3, 3, 3\]/,
  );
  const predictor = 'roi_heads.box_predictor.cls_score.bias'; // which tells how many classes there are
  const other = seededState(mobile);
  other.delete(predictor);
  await expect(load(other)).rejects.toThrow(`missing (1): ${predictor}`);
  const before = tf.memory().numTensors;
  await expect(load(state)).rejects.toThrow(RangeError);
  expect(tf.memory().numTensors).toBe(before);
  await expect(load(state, { architecture: 'retinanet_resnet50_fpn' })).rejects.toThrow(
    /must be one of fasterrcnn_resnet50_fpn, .*got "retinanet_resnet50_fpn"/,
  );
  expect(torchvisionArchitectures()).toEqual(Object.keys(golden.nets));
});

test('a folder holds what was imported', async () => {
  const detector = await load(seededState(mobile));
  const loaded = await unpackDetector(await packDetector(detector));
  expect(loaded.config).toEqual(detector.config);
  const run = mobile.runs[1]!;
  expectRun(await compareRun(loaded as GeneralizedRCNN<JointParts>, run), run);
  for (const some of [detector, loaded]) some.dispose();
});

test.skipIf(!everything)(
  'ε 0 and 1e-5 differ, each as torchvision',
  async () => {
    const net = golden.nets['fasterrcnn_resnet50_fpn']!;
    const other = (await fromTorchvision(seededState(net), {
      architecture: 'fasterrcnn_resnet50_fpn',
      normEps: 1e-5,
      transform: small,
    })) as GeneralizedRCNN<JointParts>;
    expectRun(await compareRun(other, golden.normEps), golden.normEps);
    const { scores } = await other.detect(picture('picture0', golden.normEps.size));
    const distance = (run: DetectRun) =>
      Math.max(...scores.map((score, i) => Math.abs(score - run.scores[i]!)));
    expect(distance(net.runs[0]!)).toBeGreaterThan(5e-5);
    expect(distance(golden.normEps)).toBeLessThan(distance(net.runs[0]!) / 3);
    other.dispose();
  },
  600_000,
);
