import { mulberry32 } from '@roikit/geometry';
import { type StateDict, toFloat32 } from '@roikit/weights';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { createDetector, type GeneralizedRCNN, train, type TrainEvent, type TrainOptions } from '../src';
import { boxTargetStatistics } from '../src/training/boxTargets';
import { useTestEngine } from '../../engine/test/testEngine';
import { collect, lossesOf, memoryCheckpoint } from '../../training/test/runs';
import { averagePrecision } from './averagePrecision';
import { gridProposals, squares, tinyDetector } from './scenes';
import { coder, tableOf } from './sampleTables';

beforeAll(useTestEngine);

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
    const fresh = squares({ count: 12, seed: 9 });
    expect(await averagePrecision(detector, fresh, { proposals: gridProposals })).toBeGreaterThan(0.8);
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
