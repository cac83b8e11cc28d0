import { BoxCoder, type Boxes } from '@roikit/geometry';
import type { RgbImage } from '@roikit/image';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  GeneralizedRCNN,
  modelPart,
  nmsPostprocess,
  packDetector,
  type DetectorParts,
  type RegionFeatures,
  type RegionHead,
  type StageEvent,
} from '../src';
import { useTestEngine } from '../../engine/test/testEngine';

// Another kind of detector, out of the public parts alone: it tells the mean colour of sliding windows. That it works
// shows that the slots are slots.

beforeAll(useTestEngine);

/** Slot 2: mean colour of each region, straight from the pixels. */
const meanColor: RegionFeatures = {
  regionsAtOnce: 7, // fewer than there are windows: several chunks
  apply: ({ images }, boxes) => tf.tensor2d(boxes.flatMap((some, i) => colors(images[i] as RgbImage, some))),
};

function colors({ data, width }: RgbImage, boxes: Boxes): number[][] {
  return Array.from({ length: boxes.length / 4 }, (_, i) => {
    const [x1, y1, x2, y2] = boxes.subarray(4 * i, 4 * i + 4) as unknown as [number, number, number, number];
    const sum = [0, 0, 0];
    for (let y = y1; y < y2; y++) {
      for (let x = x1; x < x2; x++) for (let c = 0; c < 3; c++) sum[c]! += data[(y * width + x) * 3 + c]!;
    }
    return sum.map((value) => value / (255 * (x2 - x1) * (y2 - y1)));
  });
}

/** A head without learning: red and blue are what they are; boxes stay where they are. */
function colorHead(): RegionHead {
  const input = tfl.input({ shape: [3] });
  const model = tfl.model({
    inputs: input,
    outputs: tfl.layers.dense({ name: 'fc', units: 3 }).apply(input) as tfl.SymbolicTensor,
  });
  model.setWeights([tf.tensor2d([0, 1, 0, 0, 0, 0, 0, 0, 1], [3, 3]), tf.tensor1d([0.5, 0, 0])]);
  return {
    ...modelPart(model),
    predict: (features) => {
      const scores = model.apply(features) as tf.Tensor2D;
      return { scores, boxOffsets: tf.zeros([scores.shape[0], 12]) };
    },
  };
}

function windowDetector(): GeneralizedRCNN {
  const parts: DetectorParts = {
    transform: { apply: (image) => ({ input: tf.zeros([1, 1, 1, 3]), size: image }) },
    proposals: {
      propose: async ({ image }) => {
        const boxes: number[] = [];
        for (let y = 0; y + 8 <= image.height; y += 8) {
          for (let x = 0; x + 8 <= image.width; x += 8) boxes.push(x, y, x + 8, y + 8);
        }
        return Float32Array.from(boxes);
      },
    },
    regionFeatures: meanColor,
    head: colorHead(),
    postprocess: nmsPostprocess({ scoreThreshold: 0.6, nmsThreshold: 0.3, maxDetections: 5 }, new BoxCoder()),
  };
  const never = undefined as never; // a kind of detector has the settings that it needs
  return new GeneralizedRCNN(
    {
      type: 'window',
      classes: ['red', 'blue'],
      transform: never,
      backbone: never,
      proposals: never,
      postprocess: never,
    },
    parts,
  );
}

/** Black, 40 × 24, with a red window at (16, 8) and a blue one at (32, 0). */
function picture(): RgbImage {
  const data = new Uint8Array(40 * 24 * 3);
  const fill = (x0: number, y0: number, channel: number) => {
    for (let y = y0; y < y0 + 8; y++)
      for (let x = x0; x < x0 + 8; x++) data[(y * 40 + x) * 3 + channel] = 240;
  };
  fill(16, 8, 0);
  fill(32, 0, 2);
  return { data, width: 40, height: 24 };
}

describe('a detector of other parts', () => {
  test('detects, in chunks, one image or many, and leaves nothing behind', async () => {
    const detector = windowDetector();
    const before = tf.memory().numTensors;
    const { boxes, labels, scores } = await detector.detect(picture());
    expect(Array.from(boxes)).toEqual([32, 0, 40, 8, 16, 8, 24, 16]);
    expect(Array.from(labels)).toEqual([2, 1]); // equal scores: the earlier window first
    for (const score of scores) expect(score).toBeCloseTo(240 / 255, 5);
    const only = async (options: object) => (await detector.detect(picture(), options)).labels;
    expect([...(await only({ maxDetections: 1 }))]).toEqual([2]);
    expect([...(await only({ scoreThreshold: 0.95 }))]).toEqual([]);
    expect([...(await only({ scoreThreshold: 0.94 }))]).toEqual([2, 1]);
    const many = await detector.detect([picture(), picture()]);
    expect(many.map((one) => one.boxes)).toEqual([boxes, boxes]);
    expect(tf.memory().numTensors).toBe(before);
    detector.dispose();
  });

  test('tells its stages in order; a listener that leaves early leaves nothing behind', async () => {
    const detector = windowDetector();
    const types: StageEvent['type'][] = [];
    for await (const event of detector.stages(picture())) types.push(event.type);
    expect(types).toEqual(['transform', 'maps', 'proposals', 'predictions', 'detections']);
    const before = tf.memory().numTensors;
    for await (const event of detector.stages(picture())) if (event.type === 'proposals') break;
    expect(tf.memory().numTensors).toBe(before);
    detector.dispose();
  });

  test('its weights are named by part', async () => {
    const detector = windowDetector();
    const state = await detector.stateDict();
    expect([...state.keys()]).toEqual(['head.fc.weight', 'head.fc.bias']);
    expect((await packDetector(detector))['weights.safetensors'].length).toBeGreaterThan(12 * 4);
    expect(() => detector.load(new Map([...state, ['tail.x', state.get('head.fc.bias')!]]))).toThrow(
      /no part of the detector has \(1: tail.x\); its parts are head/,
    );
  });
});

test('proposals from outside are checked: length, finite corners, their order', async () => {
  const detector = windowDetector();
  const detect = (...proposals: number[]) =>
    detector.detect(picture(), { proposals: Float32Array.from(proposals) });
  await expect(detect(0, 0, 8, 8, 1)).rejects.toThrow(
    /proposals must be \[R, 4\], a multiple of 4 numbers, got 5/,
  );
  await expect(detect(0, 0, 8, 8, 0, NaN, 8, 8)).rejects.toThrow(/finite corners.*got 0 NaN 8 8 for box 1/);
  await expect(detect(8, 0, 0, 8)).rejects.toThrow(/x1 ≤ x2/);
  await expect(detect(0, 0, Infinity, 8)).rejects.toThrow(/finite corners/);
  const before = tf.memory().numTensors;
  await detect(0, 0, 8, 8, 1).catch(() => {});
  expect(tf.memory().numTensors).toBe(before);
  detector.dispose();
});
