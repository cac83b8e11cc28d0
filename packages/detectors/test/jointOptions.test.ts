import { boxIou, mulberry32, type Boxes } from '@roikit/geometry';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import type { TrainOptions } from '../src';
import { jointLosses } from '../src/training/jointPhase';
import { mapBatch } from '../src/training/mapBatch';
import { pictures, tiny } from './jointPictures';
import { useTestEngine } from '../../engine/test/testEngine';

// What a step of approximate joint training draws and what it costs, by the options of `train`.

beforeAll(useTestEngine);

type Tiny = ReturnType<typeof tiny>;

type Loss = Record<'objectness' | 'rpnBoxRegression' | 'classification' | 'boxRegression', number>;
type Options = Pick<TrainOptions, 'batch' | 'loss'>;

function lossesOf(detector: Tiny, options: Options = {}, images = pictures): Loss {
  return tf.tidy(() => {
    const terms = jointLosses(detector, images, { random: mulberry32(3), ...options });
    return Object.fromEntries(
      Object.entries(terms).map(([name, value]) => [name, value.dataSync()[0]!]),
    ) as Loss;
  });
}

const smoothL1 = (x: number, beta: number) =>
  Math.abs(x) < beta ? (0.5 * x * x) / beta : Math.abs(x) - beta / 2;

/** t of Faster R-CNN Eq. 2: from an anchor to an object. */
function offsetsTo(anchor: Boxes, object: Boxes): number[] {
  const [w, h] = [anchor[2]! - anchor[0]!, anchor[3]! - anchor[1]!];
  const [toW, toH] = [object[2]! - object[0]!, object[3]! - object[1]!];
  const center = (box: Boxes, axis: number) => (box[axis]! + box[axis + 2]!) / 2;
  return [
    (center(object, 0) - center(anchor, 0)) / w,
    (center(object, 1) - center(anchor, 1)) / h,
    Math.log(toW / w),
    Math.log(toH / h),
  ];
}

describe('the losses of the proposal network', () => {
  test.each([
    ['every anchor is', undefined],
    ['every anchor is', 'use'],
    ['those within the picture are', 'ignore'], // §3.1.2
  ] as const)(
    'where %s drawn, those of a loop over both pictures (Eq. 1, torchvision’s β)',
    (_, borderAnchors) => {
      const detector = tiny();
      const got = lossesOf(detector, { batch: { anchors: 1e6, borderAnchors } });
      let crossing = 0;
      const isLeftOut = (anchor: Boxes) => {
        const [x1, y1, x2, y2] = anchor as unknown as [number, number, number, number];
        const crosses = x1 < 0 || y1 < 0 || x2 > 144 || y2 > 72;
        crossing += Number(crosses);
        return crosses && borderAnchors === 'ignore';
      };
      const expected = tf.tidy(() => {
        const [group] = mapBatch(detector.parts, pictures);
        const { objectness, offsets } = detector.parts.proposals.logits(group!.maps);
        const logits = objectness.arraySync();
        const predicted = offsets.arraySync();
        const { boxes: anchors } = detector.parts.proposals.anchors(group!.maps);
        let [crossEntropy, box, drawn] = [0, 0, 0];
        pictures.forEach(({ truth }, i) => {
          const object = truth.boxes.map((value) => 1.5 * value); // one a picture
          const overlaps = boxIou(object, anchors);
          overlaps.forEach((__, a) => {
            if (isLeftOut(anchors.subarray(4 * a, 4 * a + 4))) overlaps[a] = -1;
          });
          const best = Math.max(...overlaps);
          overlaps.forEach((iou, a) => {
            if (iou < 0) return;
            const isObject = iou >= 0.7 || iou === best;
            if (!isObject && iou >= 0.3) return;
            drawn++;
            const p = 1 / (1 + Math.exp(-logits[i]![a]!));
            crossEntropy -= Math.log(isObject ? p : 1 - p);
            if (!isObject) return;
            const target = offsetsTo(anchors.subarray(4 * a, 4 * a + 4), object);
            target.forEach((t, k) => (box += smoothL1(predicted[i]![a]![k]! - t, 1 / 9)));
          });
        });
        return [crossEntropy / drawn, box / drawn];
      });
      expect(got.objectness).toBeCloseTo(expected[0]!, 5);
      expect(got.rpnBoxRegression).toBeCloseTo(expected[1]!, 5);
      expect(expected[1]).toBeGreaterThan(0);
      expect(crossing).toBeGreaterThan(0);
      detector.dispose();
    },
  );

  test('256 anchors a picture by default, or as many as it is told; `rpnBeta` is theirs alone', () => {
    const detector = tiny();
    const losses = lossesOf(detector);
    expect(lossesOf(detector, { batch: { anchors: 256 } })).toEqual(losses);
    expect(lossesOf(detector, { batch: { anchors: 128 } }).objectness).not.toBe(losses.objectness);
    const [once, twice] = [100, 200].map((rpnBeta) => lossesOf(detector, { loss: { rpnBeta } }));
    expect(twice!.rpnBoxRegression).toBeCloseTo(once!.rpnBoxRegression / 2, 7);
    expect(twice!.boxRegression).toBe(losses.boxRegression);
    detector.dispose();
  });
});

/** A detector whose proposals are these, what it was asked for, and how many regions it took for objects. */
function proposing(proposals: Boxes) {
  const detector = tiny();
  const asked: unknown[] = [];
  let foreground = 0;
  const { coder, proposals: rpn } = detector.parts;
  const encode = coder.encode.bind(coder);
  coder.encode = (references, regions) => {
    foreground += regions.length / 4;
    return encode(references, regions);
  };
  rpn.select = (_, context) => {
    asked.push(context);
    return proposals;
  };
  const countOf = (options: Options) => {
    foreground = 0;
    lossesOf(detector, options, [pictures[0]!]);
    return foreground;
  };
  return { detector, asked, countOf };
}

describe('the losses of the regions', () => {
  // The object moved by two pixels (IoU .8), and background: 600 boxes and more than enough.
  const background = Array.from({ length: 600 }, (_, i) => [
    40 + (i % 40),
    i % 30,
    52 + (i % 40),
    12 + (i % 30),
  ]);
  const boxes = Float32Array.from([12, 6, 32, 24, ...background.flat()]);

  test('512 regions by default: half of them, and each object counts twice as much', () => {
    const { detector } = proposing(boxes);
    const regions = (count?: number) =>
      lossesOf(detector, count ? { batch: { regions: count } } : {}, [pictures[0]!]).boxRegression;
    expect(regions()).toBeGreaterThan(0);
    expect(regions(256)).toBeCloseTo(2 * regions(), 6);
    detector.dispose();
  });

  test('from 2,000 proposals by default, in pixels of the picture', () => {
    const { detector, asked } = proposing(boxes);
    for (const batch of [{}, { proposals: 60 }]) lossesOf(detector, { batch }, [pictures[0]!]);
    const { image } = pictures[0]!;
    const size = { width: 144, height: 72 };
    expect(asked).toEqual([
      { image, size, maxProposals: 2000 },
      { image, size, maxProposals: 60 },
    ]);
    detector.dispose();
  });

  test('objects by the overlap, and as large a part of them, as it is told', () => {
    const { detector, countOf } = proposing(boxes);
    expect(countOf({})).toBe(2); // the annotated box is a proposal too
    expect(countOf({ batch: { foregroundIou: 0.9 } })).toBe(1);
    expect(countOf({ batch: { regions: 100, positiveFraction: 0.01 } })).toBe(1);
    detector.dispose();
  });

  test('`lambda` and `beta` are theirs, the latter 1/9 by default', () => {
    const { detector } = proposing(boxes);
    const loss = (options: Options['loss']) => lossesOf(detector, { loss: options }, [pictures[0]!]);
    const plain = loss(undefined);
    expect(loss({ lambda: 3 }).boxRegression).toBeCloseTo(3 * plain.boxRegression, 5);
    expect(loss({ lambda: 3 }).rpnBoxRegression).toBe(plain.rpnBoxRegression);
    expect(loss({ beta: 1 / 9 })).toEqual(plain);
    expect(loss({ beta: 1 }).boxRegression).toBeLessThan(0.95 * plain.boxRegression);
    detector.dispose();
  });
});
