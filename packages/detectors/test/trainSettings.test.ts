import { SampleError, type Dataset } from '@roikit/datasets';
import { mulberry32 } from '@roikit/geometry';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { DETECTORS, train, type DetectorKind, type TrainEvent, type TrainOptions } from '../src';
import { fastRCNN } from '../src/fastRCNN';
import type { GeneralizedRCNN } from '../src/generalizedRCNN';
import type { ResolvedTrainOptions } from '../src/training/trainOptions';

// What `train` checks, reads and hands to the phases: those of Fast R-CNN, here none.

afterEach(() => vi.restoreAllMocks());

const noPhases = () => vi.spyOn(fastRCNN, 'phases').mockReturnValue([]);

const detectorOf = (pretrained = true): GeneralizedRCNN =>
  ({
    pretrained,
    config: { type: 'fast-rcnn', classes: ['cat', 'dog'], backbone: { frozenThrough: null } },
    parts: { proposals: {} },
    propose: async ({ width }: { width: number }) => Float32Array.of(0, 0, width, 1),
  }) as unknown as GeneralizedRCNN;

/** Four pictures, the second broken, of one object each. */
const dataset: Dataset = {
  name: 'four',
  classes: ['cat', 'dog'],
  length: 4,
  id: (index) => `picture ${index}`,
  get: async (index) => {
    if (index === 1) throw new SampleError('1.jpg', { what: 'is no picture', cure: 'remove it' });
    const truth = { boxes: Float32Array.of(0, 0, 2, 1), labels: Int32Array.of(1 + (index % 2)) };
    return { id: `${index}`, image: { data: new Uint8Array(30), width: 5 + index, height: 2 }, truth };
  },
};

async function run(options: object = {}, detector = detectorOf()) {
  const phases = noPhases();
  const events: TrainEvent[] = [];
  for await (const event of train(detector, dataset, {
    random: mulberry32(1),
    ...options,
  } as TrainOptions)) {
    events.push(event);
  }
  const [, data, given] = phases.mock.lastCall ?? [];
  return { events, data, given: given as ResolvedTrainOptions | undefined };
}

test('every sample is looked at first: progress by sample, the broken one told once', async () => {
  const { events, data } = await run();
  const progress = (done: number) => ({
    type: 'progress',
    phase: 'data',
    task: 'proposals',
    done,
    total: 4,
  });
  expect(events.slice(0, 5)).toEqual([
    progress(1),
    { type: 'skipped', id: 'picture 1', reason: expect.stringContaining('is no picture') },
    progress(2),
    progress(3),
    progress(4),
  ]);
  expect(data!.table.indices).toEqual([0, 2, 3]);
  expect(data!.table.objects).toEqual([2, 1]);
  expect([...data!.table.proposals].map(([i, boxes]) => [i, ...boxes])).toEqual([
    [0, 0, 0, 5, 1],
    [2, 0, 0, 7, 1],
    [3, 0, 0, 8, 1],
  ]);
});

test('the caller’s proposals come before the detector’s own', async () => {
  const { data } = await run({ proposals: () => Float32Array.of(0, 0, 1, 1, 1, 0, 2, 1) });
  expect([...data!.table.proposals.values()].map((boxes) => boxes.length)).toEqual([8, 8, 8]);
});

test('a pretrained backbone learns at a fifth of the rate, a random one at all of it', async () => {
  expect((await run()).given!.optimizer.backboneFactor).toBe(0.2);
  expect((await run({}, detectorOf(false))).given!.optimizer.backboneFactor).toBe(1);
  expect((await run({ optimizer: { backboneFactor: 0 } })).given!.optimizer.backboneFactor).toBe(0);
  await expect(run({ optimizer: { backboneFactor: -0.1 } })).rejects.toThrow(
    /^train: optimizer\.backboneFactor/,
  );
});

test('what is given reaches the phases: the common settings and the kind’s own', async () => {
  const options = {
    epochs: 3,
    patience: 2,
    validation: dataset,
    validateEvery: 4,
    ema: 0.9,
    batch: { images: 3, regions: 32 },
    augment: { horizontalFlip: 0.25 },
  };
  expect((await run(options)).given).toMatchObject(options);
});

describe('pictures of a step', () => {
  /** What the phases of a kind are told where it learns from 4 pictures (3 can be read). */
  async function toldTo(type: DetectorKind, options: Partial<TrainOptions> = {}) {
    const phases = vi.spyOn(DETECTORS[type], 'phases').mockReturnValue([]);
    const plain = detectorOf();
    const detector = { ...plain, config: { ...plain.config, type } } as GeneralizedRCNN;
    for await (const _ of train(detector, dataset, { random: mulberry32(1), ...options }));
    return phases.mock.lastCall![2] as ResolvedTrainOptions;
  }

  test.each([
    ['rcnn', { images: 8, regions: 16 }, 1], // 128 windows (§2.3), so the 4 pictures are one step
    ['spp-net', { images: 2, backgroundIou: [0.1, 0.5] }, 2],
    ['fast-rcnn', { images: 2 }, 2],
    ['faster-rcnn', { images: 2 }, 2],
  ] as const)('%s: %j by default; it warms up for an epoch, of %i steps', async (type, batch, steps) => {
    const { batch: told, schedule } = await toldTo(type);
    expect(told).toMatchObject(batch);
    expect(schedule.warmupSteps).toBe(steps);
  });

  test('as many as are asked for, whatever else the kind has', async () => {
    const { batch, schedule } = await toldTo('rcnn', { batch: { images: 2 } });
    expect(batch).toMatchObject({ images: 2, regions: 16 });
    expect(schedule.warmupSteps).toBe(2);
  });
});

test.each([0, -1, 1.5, NaN])('%d epochs are refused', async (epochs) => {
  await expect(run({ epochs })).rejects.toThrow(`train: epochs must be a positive integer, got ${epochs}`);
});

test.each([
  [{ patience: 0, validation: dataset }, /^train: patience: Too small/],
  [
    { patience: 2 },
    /^train: patience must be of validations, got no validation; give one, or leave patience out$/,
  ],
  [{ ema: 1 }, /^train: .*ema/],
  [{ batch: { images: 0 } }, /^train: .*batch/],
  [{ optimizer: { momentum: 0.9 } }, /^train: optimizer\.momentum: expected with type 'sgd', got 'adamw'/],
  [
    { optimizer: { type: 'sgd', betas: [0.9, 0.99] } },
    /^train: optimizer\.betas: expected with type 'adamw'/,
  ],
  [{ schedule: { type: 'cosine', gamma: 0.5 } }, /^train: schedule\.gamma: expected with type 'step'/],
])('%o is refused, with its name', async (options, message) => {
  await expect(run(options)).rejects.toThrow(message);
});

test('an aborted run ends before the phases', async () => {
  const { events, data } = await run({ signal: AbortSignal.abort() });
  expect(events).toEqual([{ type: 'stopped', phase: 'data' }]);
  expect(data).toBeUndefined();
});
