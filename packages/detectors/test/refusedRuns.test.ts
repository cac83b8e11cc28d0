import { mulberry32, type GroundTruth } from '@roikit/geometry';
import { beforeAll, describe, expect, test } from 'vitest';
import { train } from '../src';
import { useTestEngine } from '../../engine/test/testEngine';
import { collect, memoryCheckpoint } from '../../training/test/runs';
import { gridProposals, squares, tinyDetector } from './scenes';
import { tinyFasterRCNN } from './tinyFasterRCNN';

beforeAll(useTestEngine);

describe('resuming', () => {
  const dataset = squares({ count: 4 });
  const options = { epochs: 1, batch: { regions: 8 }, proposals: gridProposals, random: mulberry32(2) };
  test.each([
    ['batch size', { batch: { regions: 8, images: 1 } }, /training\.batch\.images was not set, is 1/],
    ['optimizer', { optimizer: { type: 'sgd' as const } }, /training\.optimizer\.type was "adamw", is "sgd"/],
    ['schedule', { schedule: { type: 'step' as const } }, /training\.schedule\.type was "cosine", is "step"/],
  ])('with another %s it is refused', async (_, change, message) => {
    const checkpoint = memoryCheckpoint();
    await collect(train(tinyDetector(), dataset, { ...options, checkpoint }));
    await expect(
      collect(train(tinyDetector(), dataset, { ...options, ...change, epochs: 2, checkpoint })),
    ).rejects.toThrow(message);
  });

  test.each(['difficult', 'crowd'])(
    'where another object is %s it is refused: it is no longer learned',
    async (mark) => {
      const checkpoint = memoryCheckpoint();
      await collect(train(tinyDetector(), dataset, { ...options, checkpoint }));
      const marked = {
        ...dataset,
        get: async (index: number) => {
          const sample = await dataset.get(index);
          const marks = sample.truth.labels.map(() => Number(index === 2));
          return { ...sample, truth: { ...sample.truth, [mark]: Uint8Array.from(marks) } };
        },
      };
      await expect(collect(train(tinyDetector(), marked, { ...options, checkpoint }))).rejects.toThrow(
        /data was "[0-9a-f]{16}", is "/,
      );
    },
  );

  test('with other data, or another detector, it is refused; with more epochs it goes on', async () => {
    const checkpoint = memoryCheckpoint();
    await collect(train(tinyDetector(), dataset, { ...options, checkpoint }));
    const other = squares({ count: 4, seed: 3 });
    await expect(collect(train(tinyDetector(), other, { ...options, checkpoint }))).rejects.toThrow(
      /data was "[0-9a-f]{16}", is "/,
    );
    const wide = tinyDetector({ head: { hidden: [33] } });
    await expect(collect(train(wide, dataset, { ...options, checkpoint }))).rejects.toThrow(
      /detector\.head\.hidden was \[32\], is \[33\]/,
    );
    // Many more: the warm-up by default must not follow from their number.
    const events = await collect(train(tinyDetector(), dataset, { ...options, epochs: 30, checkpoint }));
    expect(events.filter(({ type }) => type === 'epoch')).toHaveLength(29);
  });
});

test.each([
  ['any object of the classes', () => ({ boxes: new Float32Array(0), labels: new Int32Array(0) })],
  [
    'an object that is learned',
    (truth: GroundTruth) => ({ ...truth, difficult: new Uint8Array(truth.labels.length).fill(1) }),
  ],
])('data without %s are refused', async (_, change) => {
  const dataset = { ...squares({ count: 2 }) };
  const bare = {
    ...dataset,
    get: async (index: number) => {
      const sample = await dataset.get(index);
      return { ...sample, truth: change(sample.truth) };
    },
  };
  await expect(
    collect(train(tinyDetector(), bare, { epochs: 1, proposals: gridProposals, random: mulberry32(1) })),
  ).rejects.toThrow(/no object of red, blue is annotated in the 2 usable samples of squares/);
});

test('proposals for a network that makes its own are refused: they would be validated with, and not trained with', async () => {
  const options = { epochs: 1, proposals: gridProposals, random: mulberry32(1) };
  await expect(collect(train(tinyFasterRCNN(), squares({ count: 2 }), options))).rejects.toThrow(
    'train: a faster-rcnn proposes its own regions; leave proposals out',
  );
});
