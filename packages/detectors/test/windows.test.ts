import { flipBoxes, flipSample, type Dataset } from '@roikit/datasets';
import { boxIou, mulberry32, type GroundTruth } from '@roikit/geometry';
import { warpCrop } from '@roikit/image';
import { beforeAll, describe, expect, test } from 'vitest';
import { createDetector, train } from '../src';
import { mirror } from '../src/training/mirror';
import { WindowSampler } from '../src/training/windowSampler';
import { useTestEngine } from '../../engine/test/testEngine';
import { collect } from '../../training/test/runs';
import { gridProposals, squares } from './scenes';
import { options } from './staged';

beforeAll(useTestEngine);

const random = mulberry32(11);

function randomBoxes(count: number): Float32Array {
  const boxes = Array.from({ length: count }, () => {
    const [x, y] = [random() * 60, random() * 40];
    return [x, y, x + 8 + random() * 30, y + 8 + random() * 20];
  });
  return Float32Array.from(boxes.flat());
}

/** Pictures with numbers of objects and proposals that differ; 7 and 9 can't be used. */
function randomTable() {
  const indices = [0, 2, 3, 8];
  const truths = new Map<number, GroundTruth>();
  const proposals = new Map<number, Float32Array>();
  for (const [i, index] of indices.entries()) {
    const labels = Int32Array.from({ length: i }, (_, k) => [3, 1, 3][k]!); // nothing in the first
    truths.set(index, { boxes: randomBoxes(i), labels });
    proposals.set(index, randomBoxes(40 + 60 * i));
  }
  // An object that is too hard to learn from: its proposals are neither of the two.
  truths.get(3)!.difficult = Uint8Array.of(0, 1);
  return { indices, truths, proposals };
}

/** Every window that may be drawn, as text, by label. */
function slowWindows({ indices, truths, proposals }: ReturnType<typeof randomTable>, least = 0) {
  const all = new Map<number, string[]>();
  for (const index of indices) {
    const { boxes, labels, difficult } = truths.get(index)!;
    const kept = [...labels.keys()].filter((i) => !difficult?.[i]);
    const objects = kept.map((i) => boxes.slice(4 * i, 4 * i + 4));
    const regions = proposals.get(index)!;
    const windows = [
      ...Array.from({ length: regions.length / 4 }, (_, r) => regions.slice(4 * r, 4 * r + 4)),
      ...objects,
    ];
    for (const box of windows) {
      const overlaps = objects.map((object) => boxIou(object, box)[0]!);
      const best = Math.max(0, ...overlaps);
      if (best < 0.5 && best < least) continue;
      const label = best >= 0.5 ? labels[kept[overlaps.indexOf(best)]!]! : 0;
      all.set(label, [...(all.get(label) ?? []), `${index}: ${[...box].join()}`]);
    }
  }
  return all;
}

const COUNT = 60_000;

/** How often each window was drawn. */
function draws(sampler: WindowSampler) {
  const counts = new Map<string, number>();
  const labels = new Map<number, number>();
  for (const { index, box, label } of sampler.draw({ count: COUNT }, mulberry32(4))) {
    const key = `${label} ${index}: ${[...box].join()}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
    labels.set(label, (labels.get(label) ?? 0) + 1);
  }
  return { counts, labels };
}

describe('windows of the whole data set', () => {
  const table = randomTable();

  test.each([
    ['evenly from the classes', true, [0, 0.5]],
    ['from all foreground alike', false, [0, 0.5]],
    ['with background that is near to objects', true, [0.1, 0.5]],
  ] as const)(
    '%s: every one is drawn, and as often as any other of its kind',
    (_, uniformClasses, backgroundIou) => {
      const expected = slowWindows(table, backgroundIou[0]);
      expect(expected.get(1)!.length).not.toBe(expected.get(3)!.length);
      const { counts, labels } = draws(new WindowSampler(table, { uniformClasses, backgroundIou }));
      expect(new Set(counts.keys())).toEqual(
        new Set([...expected].flatMap(([label, windows]) => windows.map((window) => `${label} ${window}`))),
      );
      const positives = [1, 3].reduce((sum, label) => sum + expected.get(label)!.length, 0);
      for (const [label, windows] of expected) {
        const share = label === 0 ? 0.75 : uniformClasses ? 0.125 : (0.25 * windows.length) / positives;
        // Six standard deviations of a binomial: what is not so is wrong.
        const within = (got: number, part: number) =>
          expect(Math.abs(got - COUNT * part)).toBeLessThan(6 * Math.sqrt(COUNT * part));
        within(labels.get(label)!, share);
        for (const window of windows) within(counts.get(`${label} ${window}`)!, share / windows.length);
      }
    },
  );

  test('without objects all is background; without anything there is nothing', () => {
    const only = (index: number) => new WindowSampler({ ...table, indices: [index] });
    expect(
      only(0)
        .draw({ count: 9 }, random)
        .map(({ label }) => label),
    ).toEqual(Array(9).fill(0));
    expect(new WindowSampler({ ...table, indices: [] }).draw({ count: 9 }, random)).toEqual([]);
  });
});

test('a mirrored crop is the crop of the mirrored picture', async () => {
  const noise = mulberry32(3);
  const [width, height] = [50, 32];
  const image = { data: Uint8Array.from({ length: 3 * width * height }, () => 256 * noise()), width, height };
  const box = Float32Array.of(5, 8, 31, 25);
  const truth = { boxes: box, labels: Int32Array.of(1) };
  const crop = { size: 17, context: 3, fill: [1, 2, 3] as const };
  for (const axis of ['horizontal', 'vertical'] as const) {
    const flipped = flipSample({ id: '', image, truth }, { axis });
    const expected = warpCrop(flipped.image, flipBoxes(box, image, { axis }), crop);
    const got = warpCrop(image, box, crop);
    mirror(got, crop.size, axis);
    got.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 2));
  }
});

test("a step's windows come from many pictures, of which few are in memory at a time", async () => {
  const pictures = squares({ count: 40 });
  let [reading, most] = [0, 0];
  const asked: number[] = [];
  const counting: Dataset = {
    ...pictures,
    get: async (index) => {
      asked.push(index);
      most = Math.max(most, ++reading);
      const sample = await pictures.get(index);
      await new Promise((resolve) => setTimeout(resolve));
      reading--;
      return sample;
    },
  };
  const detector = tinyRcnn();
  const events = train(detector, counting, options({ batch: { images: 8, regions: 16 } }));
  for await (const event of events) {
    if (event.type === 'start') asked.length = 0;
    if (event.type === 'step') break;
  }
  // 128 of 40 pictures: all but one or two are among them.
  expect(new Set(asked).size).toBeGreaterThan(30);
  expect(asked.length).toBe(new Set(asked).size);
  expect(most).toBeLessThanOrEqual(8);
  detector.dispose();
});

test('where the loss runs away, the pictures of the windows are named', async () => {
  const detector = tinyRcnn();
  const wild = options({
    epochs: 4,
    optimizer: { type: 'sgd', learningRate: 1e20 },
    batch: { images: 1, regions: 4, positiveFraction: 1 },
  });
  const data = squares({ count: 6 });
  await expect(
    collect(
      train(detector, { ...data, id: (index) => `picture ${index}` }, { ...wild, proposals: gridProposals }),
    ),
  ).rejects.toThrow(/step \d \((picture \d, ){1,3}picture \d\); the weights are still/);
  detector.dispose();
});

function tinyRcnn() {
  return createDetector({
    type: 'rcnn',
    classes: ['red', 'blue'],
    backbone: { name: 'squeezenet1_1', layers: ['features.3'], frozenThrough: null },
    proposals: 'precomputed',
    regions: { size: 24, context: 2, outputSize: [2, 2] },
    head: { hidden: [8] },
    random: mulberry32(1),
  });
}
