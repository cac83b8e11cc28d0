import '@tensorflow/tfjs-backend-cpu';
import { mulberry32 } from '@roikit/geometry';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import {
  optimizerOptions,
  optimizerSchema,
  didYouMean,
  parseOptions,
  scheduleFactor,
  scheduleOptions,
  settingDifferences,
  shuffled,
  WeightAverage,
  writeVariables,
} from '../src';

describe('what an optimizer and a schedule may be told', () => {
  test.each([
    [{ type: 'sgd' }, { type: 'adam' }],
    [{ learningRate: 1e-9 }, { learningRate: 0 }],
    [{ momentum: 0 }, { momentum: -0.01 }],
    [{ momentum: 1 }, { momentum: 1.01 }],
    [
      { type: 'adamw', betas: [0, 0.999] },
      { type: 'adamw', betas: [0.9, 1.1] },
    ],
    [{ weightDecay: 0 }, { weightDecay: -1e-6 }],
    [{ clipNorm: null }, { clipNorm: 0 }],
    [{ clipNorm: 0.1 }, { clipnorm: 1 }],
  ])('%o, but not %o', (good, bad) => {
    expect(optimizerOptions.parse(good)).toEqual(good);
    expect(optimizerOptions.safeParse(bad).success).toBe(false);
  });

  test.each([
    [{ type: 'step' }, { type: 'steps' }],
    [{ milestones: [0, 1] }, { milestones: [-0.1] }],
    [{ milestones: [] }, { milestones: [1.1] }],
    [{ gamma: 0.1 }, { gamma: 0 }],
    [{ warmupSteps: 0 }, { warmupSteps: -1 }],
    [{ warmupSteps: 7 }, { warmupSteps: 0.5 }],
    [{}, { warmup: 3 }],
  ])('%o, but not %o', (good, bad) => {
    expect(scheduleOptions.parse(good)).toEqual(good);
    expect(scheduleOptions.safeParse(bad).success).toBe(false);
  });

  test.each([
    [optimizerOptions, { type: 'adamw', momentum: 0.9 }, "momentum: expected with type 'sgd', got 'adamw', "],
    [optimizerOptions, { type: 'sgd', betas: [0.9, 0.99] }, "betas: expected with type 'adamw', got 'sgd', "],
    [optimizerOptions, { betas: [0.9, 0.99] }, "betas: expected with type 'adamw', got 'sgd', "],
    [
      optimizerSchema({ usual: 'adamw' }),
      { momentum: 0.9 },
      "momentum: expected with type 'sgd', got 'adamw', which would ignore it; leave momentum out",
    ],
    [scheduleOptions, { type: 'cosine', gamma: 0.5 }, "gamma: expected with type 'step', got 'cosine', "],
    [
      scheduleOptions,
      { type: 'constant', milestones: [0.5] },
      "milestones: expected with type 'step', got 'constant', ",
    ],
  ])('what its type would ignore is refused, and no more', (schema, options, message) => {
    expect(() => parseOptions('train', schema as z.ZodType, options)).toThrow(`train: ${message}`);
    const [[ignored, value]] = Object.entries(options).slice(-1) as [[string, unknown]];
    const right = /type '(\w+)'/.exec(message)![1];
    expect((schema as z.ZodType).parse({ type: right, [ignored]: value })).toEqual({
      type: right,
      [ignored]: value,
    });
    expect((schema as z.ZodType).parse({ ...options, [ignored]: undefined })).not.toHaveProperty(
      ignored,
      value,
    );
  });

  test('every fault is told, with its place and who asked', () => {
    const schema = z.strictObject({ batch: z.strictObject({ images: z.int() }), rate: z.number() });
    expect(() => parseOptions('train', schema, { batch: { images: 'two' }, rate: null })).toThrow(
      'train: batch.images: expected number, got "two"; rate: expected number, received null',
    );
    expect(() => parseOptions('train', z.number(), 'x')).toThrow(/^train: expected number, got "x"$/);
    expect(parseOptions('train', schema, { batch: { images: 2 }, rate: 0.5 })).toEqual({
      batch: { images: 2 },
      rate: 0.5,
    });
  });
});

describe('what was probably meant is said', () => {
  test.each([
    ['squeezenet1_2', ' (did you mean squeezenet1_1?)'],
    ['VGG16', ' (did you mean vgg16?)'],
    ['resnet_50', ' (did you mean resnet50?)'],
    ['vg', ''], // two letters more are most of it
    ['inception', ''],
    ['x', ''],
    ['', ''],
  ])('%s%s', (name, said) => {
    expect(didYouMean(name, ['resnet50', 'squeezenet1_1', 'vgg16'])).toBe(said);
    expect(didYouMean(name, [])).toBe('');
  });

  const transform = z.strictObject({ minSize: z.int().min(1), maxSize: z.int() }).partial();
  const schema = z.strictObject({
    transform: transform.optional(),
    mode: z.enum(['warp', 'square']).optional(),
    backbone: z
      .union([z.literal('none'), z.strictObject({ name: z.string(), layers: z.string() })])
      .optional(),
    kind: z
      .discriminatedUnion('type', [
        z.strictObject({ type: z.literal('fast-rcnn') }),
        z.strictObject({ type: z.literal('spp-net') }),
      ])
      .optional(),
  });
  test.each([
    [
      { transfrom: {}, transform: { minsize: 1, other: 2 } },
      'transform: Unrecognized keys: "minsize" (did you mean minSize?), "other" (expected minSize, maxSize); ' +
        'Unrecognized key: "transfrom" (did you mean transform?)',
    ],
    [{ transform: { minSize: 0 } }, 'transform.minSize: Too small: expected number to be >=1, got 0'],
    [{ transform: { maxSize: 1.5 } }, 'transform.maxSize: expected int, got 1.5'],
    [
      { mode: 'sqare' },
      'mode: Invalid option: expected one of "warp"|"square", got "sqare" (did you mean square?)',
    ],
    [
      { backbone: { name: 'x', layer: 'y' } },
      'backbone.layers: expected string, received undefined; ' +
        'backbone: Unrecognized key: "layer" (did you mean layers?)',
    ],
    [
      { backbone: 'nome' },
      'backbone: expected "none", got "nome" (did you mean none?), or expected object, got "nome"',
    ],
    [
      { kind: { type: 'sppnet' } },
      "kind.type: Invalid discriminator value. Expected 'fast-rcnn' | 'spp-net', got \"sppnet\" (did you mean spp-net?)",
    ],
    [{ kind: {} }, "kind.type: Invalid discriminator value. Expected 'fast-rcnn' | 'spp-net'"],
  ])('%j', (value, message) => {
    expect(() => parseOptions('train', schema, value)).toThrow(new RangeError(`train: ${message}`));
  });
});

describe('where settings differ', () => {
  test('is told by its path, once for each', () => {
    const before = { batch: { images: 2, regions: 64 }, type: 'a', same: [1, { x: 2 }], gone: null };
    const now = { batch: { images: 4, regions: 64 }, type: 'b', same: [1, { x: 2 }], fresh: [1] };
    expect(settingDifferences(before, now)).toEqual([
      'batch.images was 2, is 4',
      'type was "a", is "b"',
      'gone was null, is not set',
      'fresh was not set, is [1]',
    ]);
    expect(settingDifferences(before, structuredClone(before))).toEqual([]);
  });

  test('a list against a record, and long values, which are cut', () => {
    expect(settingDifferences({ a: [1] }, { a: { 0: 1 } })).toEqual(['a was [1], is {"0":1}']);
    const [difference] = settingDifferences({ a: 'x'.repeat(58) }, { a: 'y'.repeat(59) });
    expect(difference).toBe(`a was "${'x'.repeat(58)}", is "${'y'.repeat(56)}…`);
  });
});

test('shuffled: every order is as likely, and the argument stays', () => {
  const random = mulberry32(4);
  const items = ['a', 'b', 'c'];
  const counts = new Map<string, number>();
  for (let i = 0; i < 6000; i++) {
    const order = shuffled(items, random).join('');
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  expect([...counts.keys()].toSorted()).toEqual(['abc', 'acb', 'bac', 'bca', 'cab', 'cba']);
  // 1,000 each, five standard deviations (29) on either side.
  for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(145);
  expect(items).toEqual(['a', 'b', 'c']);
});

test('scheduleFactor: a milestone counts from its step on; no warm-up by default', () => {
  const options = { milestones: [0.5], gamma: 0.25 };
  expect([0, 4, 5, 9].map((step) => scheduleFactor(step, 10, options))).toEqual([1, 1, 0.25, 0.25]);
  expect(scheduleFactor(7, 10)).toBe(1);
  expect(scheduleFactor(8, 10)).toBeCloseTo(0.1, 12);
  expect(scheduleFactor(9, 10, { type: 'constant' })).toBe(1);
});

describe('WeightAverage', () => {
  test('takes decays of [0, 1)', () => {
    const variables = new Map([['w', tf.variable(tf.tensor1d([1, 2]))]]);
    for (const decay of [-0.1, 1, NaN]) {
      expect(() => new WeightAverage(variables, decay)).toThrow(/decay must lie in \[0, 1\)/);
    }
    new WeightAverage(variables, 0).dispose();
    tf.dispose([...variables.values()]);
  });

  test('begins anew with the weights as they are; what does not fit is named', async () => {
    const w = tf.variable(tf.tensor1d([1, 2]));
    const average = new WeightAverage(new Map([['w', w]]), 0.5);
    w.assign(tf.tensor1d([3, 6]));
    average.update();
    expect([...(await average.state()).get('w')!.data]).toEqual([2, 4]);
    average.restart();
    expect([...(await average.state()).get('w')!.data]).toEqual([3, 6]);
    const small = { dtype: 'float32' as const, shape: [1], data: Float32Array.of(1) };
    for (const state of [new Map(), new Map([['w', small]])])
      expect(() => average.restore(state)).toThrow(/no fitting average of w; was ema on\?/);
    expect(() => writeVariables(new Map([['w', w]]), new Map([['w', small]]))).toThrow(
      'train: expected 2 values of w, got 1',
    );
    expect(() => writeVariables(new Map([['w', w]]), new Map())).toThrow('got none');
    average.dispose();
    w.dispose();
  });
});
