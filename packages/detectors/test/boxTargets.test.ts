import { flipBoxes } from '@roikit/datasets';
import { BoxCoder, boxIou, mulberry32, type Boxes, type GroundTruth } from '@roikit/geometry';
import type { CheckpointStore } from '@roikit/training';
import { toFloat32, type StateDict } from '@roikit/weights';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  createDetector,
  evaluate,
  train,
  type GeneralizedRCNN,
  type TrainEvent,
  type TrainOptions,
} from '../src';
import { boxTargetStatistics, normalizedTargets } from '../src/training/boxTargets';
import { useTestEngine } from '../../engine/test/testEngine';
import { gridProposals, squares, tinyDetector } from './scenes';

beforeAll(useTestEngine);

const coder = new BoxCoder({ weights: [10, 10, 5, 5] });
const size = { width: 90, height: 60 };

function randomPicture(seed: number): { proposals: Boxes; truth: GroundTruth } {
  const random = mulberry32(seed);
  const box = () => {
    const [x, y] = [random() * 50, random() * 30];
    return [x, y, x + 10 + random() * 30, y + 8 + random() * 20];
  };
  const objects = Array.from({ length: 3 }, box);
  const near = Array.from({ length: 80 }, (_, i) => objects[i % 3]!.map((side) => side + random() * 6));
  return {
    proposals: Float32Array.from(near.flat()),
    // classes 1 and 3 of three: none is of class 2
    truth: { boxes: Float32Array.from(objects.flat()), labels: Int32Array.of(1, 3, 1) },
  };
}

/** The table of pictures, as `train` has it. */
const tableOf = (pictures: ReturnType<typeof randomPicture>[]) => ({
  indices: [...pictures.keys()],
  proposals: new Map(pictures.map(({ proposals }, i) => [i, proposals])),
  truths: new Map(pictures.map(({ truth }, i) => [i, truth])),
});

/** Every offset of every class, one region after the other. */
function slowTargets(pictures: ReturnType<typeof randomPicture>[]): { label: number; offsets: number[] }[] {
  return pictures.flatMap(({ proposals, truth }) => {
    const boxes = Float32Array.from([...proposals, ...truth.boxes]);
    return Array.from({ length: boxes.length / 4 }, (_, r) => {
      const box = boxes.slice(4 * r, 4 * r + 4);
      const overlaps = [...boxIou(truth.boxes, box)];
      const best = overlaps.indexOf(Math.max(...overlaps));
      const offsets = [...coder.encode(truth.boxes.slice(4 * best, 4 * best + 4), box)];
      return { label: overlaps[best]! >= 0.5 ? truth.labels[best]! : 0, offsets };
    });
  });
}

function slowMoments(values: number[]): [mean: number, std: number] {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return [mean, Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)];
}

describe('statistics of box targets', () => {
  const pictures = [randomPicture(1), randomPicture(2), randomPicture(3)];
  const mirrored = pictures.map(({ proposals, truth }) => ({
    proposals: flipBoxes(proposals, size, { axis: 'horizontal' }),
    truth: { ...truth, boxes: flipBoxes(truth.boxes, size, { axis: 'horizontal' }) },
  }));
  const options = { numClasses: 3, coder };

  test.each(['perClass', 'allClasses'] as const)(
    '%s: as counted one by one, over pictures and their mirror images',
    (normalize) => {
      const { mean, std } = boxTargetStatistics(tableOf(pictures), { ...options, normalize });
      const all = slowTargets([...pictures, ...mirrored]);
      for (const label of [1, 3]) {
        for (let k = 0; k < 4; k++) {
          const own = all.filter((one) => (normalize === 'perClass' ? one.label === label : one.label > 0));
          const [expectedMean, expectedStd] = slowMoments(own.map(({ offsets }) => offsets[k]!));
          expect(mean[4 * label + k]).toBeCloseTo(expectedMean, 4);
          expect(std[4 * label + k]).toBeCloseTo(expectedStd, 4);
        }
      }
      expect([...mean.subarray(0, 4), ...std.subarray(0, 4)]).toEqual([0, 0, 0, 0, 1, 1, 1, 1]);
    },
  );

  test('without mirror images horizontal offsets keep their mean; a class that nobody shows is left alone', () => {
    const { mean, std } = boxTargetStatistics(tableOf(pictures), {
      ...options,
      normalize: 'perClass',
      augment: { horizontalFlip: 0 },
    });
    const own = slowTargets(pictures).filter(({ label }) => label === 3);
    const [expected] = slowMoments(own.map(({ offsets }) => offsets[0]!));
    expect(Math.abs(expected)).toBeGreaterThan(0.1);
    expect(mean[12]).toBeCloseTo(expected, 4);
    expect([...mean.subarray(8, 12), ...std.subarray(8, 12)]).toEqual([0, 0, 0, 0, 1, 1, 1, 1]);
  });

  test('normalised with them, targets have zero mean and unit variance in each class', () => {
    const augment = { horizontalFlip: 0 };
    const statistics = boxTargetStatistics(tableOf(pictures), { ...options, normalize: 'perClass', augment });
    const all = slowTargets(pictures);
    const { boxTargets } = normalizedTargets(
      {
        labels: Int32Array.from(all, ({ label }) => label),
        boxTargets: Float32Array.from(
          all.flatMap(({ label, offsets }) => (label > 0 ? offsets : [0, 0, 0, 0])),
        ),
      },
      statistics,
    );
    for (const label of [0, 1, 3]) {
      for (let k = 0; k < 4; k++) {
        const values = all.flatMap((one, r) => (one.label === label ? [boxTargets[4 * r + k]!] : []));
        const [mean, std] = slowMoments(values);
        expect(mean).toBeCloseTo(0, 4);
        expect(std).toBeCloseTo(label === 0 ? 0 : 1, 4);
      }
    }
  });
});

const dataset = squares({ count: 6 });
const options = (extra: Partial<TrainOptions> = {}): TrainOptions => ({
  epochs: 2,
  batch: { regions: 16 },
  optimizer: { type: 'adamw', learningRate: 1e-3 },
  boxTargets: { normalize: 'perClass' },
  proposals: gridProposals,
  random: mulberry32(2),
  ...extra,
});

function memoryCheckpoint(): CheckpointStore & { saved?: StateDict } {
  const store: CheckpointStore & { saved?: StateDict } = {
    load: async () => store.saved,
    save: async (state) => void (store.saved = structuredClone(state)),
  };
  return store;
}

async function collect(events: AsyncGenerator<TrainEvent>): Promise<TrainEvent[]> {
  const all: TrainEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

const lossesOf = (events: TrainEvent[]) =>
  events.flatMap((event) => (event.type === 'step' ? [event.losses.total] : []));

/** Statistics of the squares' proposals, by the twin. */
async function statistics() {
  const samples = await Promise.all(Array.from({ length: 6 }, (_, i) => dataset.get(i)));
  const pictures = samples.map(({ image, truth }) => ({ proposals: gridProposals(image), truth }));
  return boxTargetStatistics(tableOf(pictures), { numClasses: 2, coder, normalize: 'perClass' });
}

const predictorOf = async (detector: GeneralizedRCNN) => {
  const state = await detector.stateDict();
  return ['weight', 'bias'].map((name) => toFloat32(state.get(`head.bbox_pred.${name}`)!));
};

/** What the checkpoint holds, with the statistics folded in. */
async function folded(saved: StateDict): Promise<Float32Array[]> {
  const { mean, std } = await statistics();
  const weight = toFloat32(saved.get('weights.head.bbox_pred.weight')!); // [4(K + 1), D]
  const bias = toFloat32(saved.get('weights.head.bbox_pred.bias')!);
  const inputs = weight.length / bias.length;
  return [
    weight.map((value, i) => value * std[Math.floor(i / inputs)]!),
    bias.map((value, row) => value * std[row]! + mean[row]!),
  ];
}

function expectClose(got: readonly Float32Array[], expected: readonly Float32Array[]): void {
  expected.forEach((values, n) =>
    values.forEach((value, i) => expect(Math.abs(got[n]![i]! - value)).toBeLessThan(1e-6)),
  );
}

describe('training on normalised targets', () => {
  test('finds squares it has not seen', async () => {
    const detector = tinyDetector();
    const augment = { scale: [1, 1] as [number, number] };
    await collect(train(detector, squares({ count: 24 }), options({ epochs: 18, augment })));
    const events = evaluate(detector, squares({ count: 12, seed: 9 }), { proposals: gridProposals });
    for (;;) {
      const next = await events.next();
      if (!next.done) continue;
      expect(next.value.ap50).toBeGreaterThan(0.8);
      break;
    }
    detector.dispose();
  });

  test('the checkpoint keeps the trained predictor; what is validated, kept and used has the statistics folded in', async () => {
    const detector = tinyDetector();
    const checkpoint = memoryCheckpoint();
    const seen: { epoch: Float32Array[]; saved?: Float32Array[] }[] = [];
    for await (const event of train(detector, dataset, options({ checkpoint }))) {
      if (event.type === 'epoch') seen.push({ epoch: await predictorOf(detector) });
      if (event.type === 'checkpoint') seen.at(-1)!.saved = await folded(checkpoint.saved!);
    }
    expect(seen).toHaveLength(2);
    for (const { epoch, saved } of seen) expectClose(epoch, saved!);
    expect(await predictorOf(detector)).toEqual(seen[1]!.epoch);
    detector.dispose();
  });

  test.each([{}, { ema: 0.9 }, { patience: 1, validation: squares({ count: 2 }) }])(
    'stopped in mid-epoch and resumed with %o, it ends as an unbroken run',
    async (extra) => {
      const detector = tinyDetector();
      const whole = lossesOf(await collect(train(detector, dataset, options(extra))));
      const checkpoint = memoryCheckpoint();
      const controller = new AbortController();
      const cut = tinyDetector();
      const first: TrainEvent[] = [];
      for await (const event of train(
        cut,
        dataset,
        options({ ...extra, checkpoint, signal: controller.signal }),
      )) {
        first.push(event);
        if (event.type === 'step' && lossesOf(first).length === 4) controller.abort();
      }
      // Stopped, it can be used as it is.
      expectClose(await predictorOf(cut), await folded(checkpoint.saved!));
      const other = tinyDetector({ random: mulberry32(77) });
      const rest = await collect(train(other, dataset, options({ ...extra, checkpoint })));
      expect([...lossesOf(first), ...lossesOf(rest)]).toEqual(whole);
      expect(await predictorOf(other)).toEqual(await predictorOf(detector));
      for (const one of [detector, cut, other]) one.dispose();
    },
  );

  test('a run of no effect leaves the predictions of a trained detector as they are', async () => {
    const detector = tinyDetector();
    await collect(train(detector, dataset, options()));
    const before = await predictorOf(detector);
    const still = { type: 'sgd', learningRate: 1e-12 } as const;
    await collect(train(detector, dataset, options({ epochs: 1, optimizer: still, ema: 0.5 })));
    expectClose(await predictorOf(detector), before);
    detector.dispose();
  });

  test('leaves nothing in memory but the weights', async () => {
    const detector = tinyDetector();
    await collect(train(detector, dataset, options({ epochs: 1 })));
    const before = tf.memory().numTensors;
    await collect(train(detector, dataset, options({ epochs: 1 })));
    expect(tf.memory().numTensors).toBe(before);
    detector.dispose();
  });

  test('where there are no such targets it is refused', async () => {
    const giou = train(tinyDetector(), dataset, options({ loss: { box: 'giou' } }));
    await expect(collect(giou)).rejects.toThrow(/leave one of the two out/);
    const wrong = options({ boxTargets: { normalize: 'both' } as never });
    await expect(collect(train(tinyDetector(), dataset, wrong))).rejects.toThrow(/boxTargets\.normalize/);
    const faster = createDetector({
      type: 'faster-rcnn',
      classes: ['red', 'blue'],
      backbone: 'squeezenet1_1',
      random: mulberry32(1),
    });
    await expect(collect(train(faster, dataset, options({ proposals: undefined })))).rejects.toThrow(
      /boxTargets/,
    );
  });
});
