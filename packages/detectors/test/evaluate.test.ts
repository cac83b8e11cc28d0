import { SampleError, type Dataset } from '@roikit/datasets';
import type { RgbImage } from '@roikit/image';
import { describe, expect, test } from 'vitest';
import { evaluate, type DetectOptions, type Detector, type EvaluateOptions, type Report } from '../src';
import { leastScores } from '../src/postprocess/leastScores';

// What is measured of a detector that answers by a table.

const image = (index: number): RgbImage => ({
  data: Uint8Array.from({ length: 3 * 20 * 10 }, () => index),
  width: 20,
  height: 10,
});
const truth = {
  boxes: Float32Array.of(1, 1, 9, 6, 10, 2, 18, 8),
  labels: Int32Array.of(1, 2),
};

/** Finds both objects of every picture but the third, where it finds nothing. */
function answering(scores?: 'margin', asked: DetectOptions[] = []): Detector {
  return {
    config: { classes: ['a', 'b', 'c'] } as unknown as Detector['config'],
    scores,
    dispose: () => {},
    detect: async ({ data }, options = {}) => {
      asked.push(options);
      const found = data[0] === 2 ? 0 : 2;
      return {
        boxes: truth.boxes.slice(0, 4 * found),
        labels: truth.labels.slice(0, found),
        scores: Float32Array.of(0.9, 0.8).subarray(0, found),
        timings: { backbone: 4 + data[0]!, proposals: 2 },
      };
    },
  };
}

const dataset: Dataset = {
  name: 'four',
  classes: ['a', 'b', 'c'],
  length: 4,
  id: (index) => `picture ${index}`,
  get: async (index) => {
    if (index === 1) throw new SampleError('1.jpg', { what: 'is no picture', cure: 'remove it' });
    return { id: `${index}`, image: image(index), truth };
  },
};

async function measure(detector: Detector, options?: EvaluateOptions, data = dataset) {
  const seen: string[] = [];
  const events = evaluate(detector, data, options);
  for (;;) {
    const next = await events.next();
    if (next.done) return { seen, report: next.value as Report };
    const { value } = next;
    seen.push(
      value.type === 'image' ? `${value.id} ${value.done}/${value.total}` : `${value.id}: ${value.reason}`,
    );
  }
}

describe('evaluate', () => {
  test('counts what is found, of every class; a bad sample is told', async () => {
    const { seen, report } = await measure(answering());
    expect(seen).toEqual([
      'picture 0 1/4',
      'picture 1: 1.jpg: is no picture; remove it',
      'picture 2 3/4',
      'picture 3 4/4',
    ]);
    expect([report.images, report.skipped]).toEqual([3, 1]);
    // Two of three objects of a class found without a false one: precision 1 up to a recall of 2/3.
    expect(report.classes).toEqual([
      { name: 'a', ap50: expect.closeTo(2 / 3, 6), truths: 3, detections: 2 },
      { name: 'b', ap50: expect.closeTo(2 / 3, 6), truths: 3, detections: 2 },
      { name: 'c', ap50: NaN, truths: 0, detections: 0 },
    ]);
    expect(report.ap50).toBeCloseTo(2 / 3, 6); // c has nothing to be found
    expect(report.timings['backbone']).toBeCloseTo((4 + 6 + 7) / 3, 6);
    expect(report.timings['proposals']).toBeGreaterThanOrEqual(2);
  });

  test('asks for 100 detections from the lowest scores that count, or for what it is told', async () => {
    const asked: DetectOptions[] = [];
    await measure(answering(undefined, asked));
    await measure(answering('margin', asked));
    await measure(answering('margin', asked), { scoreThreshold: 0.25, maxDetections: 7 });
    const limits = asked.map(({ scoreThreshold, maxDetections }) => `${scoreThreshold} ${maxDetections}`);
    const each = (text: string) => Array<string>(3).fill(text); // three pictures can be read
    expect(limits).toEqual([...each('0.001 100'), ...each('-1 100'), ...each('0.25 7')]);
    expect(asked.every(({ proposals }) => proposals === undefined)).toBe(true);
  });

  test('brings the proposals it is given, and counts the time they took', async () => {
    const asked: DetectOptions[] = [];
    const proposals = async ({ data }: RgbImage) => {
      await new Promise((resolve) => setTimeout(resolve, 30));
      return Float32Array.of(0, 0, data[0]!, 5);
    };
    const { report } = await measure(answering(undefined, asked), { proposals });
    expect(asked.map((options) => [...options.proposals!])).toEqual([0, 2, 3].map((i) => [0, 0, i, 5]));
    expect(report.timings['proposals']).toBeGreaterThan(25);
  });

  test('ends early with what it has; of no image at all, nothing', async () => {
    const controller = new AbortController();
    const events = evaluate(answering(), dataset, { signal: controller.signal });
    expect((await events.next()).value).toMatchObject({ id: 'picture 0' });
    controller.abort();
    const { done, value } = await events.next();
    expect(done && (value as Report).images).toBe(1);
    const { seen, report } = await measure(answering(), { signal: controller.signal });
    expect([seen.length, report.images, report.skipped]).toEqual([0, 0, 0]);
  });

  test('what is no fault of a sample ends it', async () => {
    const broken = { ...answering(), detect: () => Promise.reject(new TypeError('a fault of ours')) };
    await expect(measure(broken)).rejects.toThrow('a fault of ours');
  });
});

test('the least scores: more likely right than wrong, or where an SVM says so, are shown', () => {
  expect(leastScores({})).toEqual({ shown: 0.5, measured: 0.001 });
  expect(leastScores({ scores: 'margin' })).toEqual({ shown: 0, measured: -1 });
});
