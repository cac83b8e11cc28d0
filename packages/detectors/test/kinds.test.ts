import { describe, expect, test } from 'vitest';
import { resolveConfig, type DetectorOptions } from '../src';

// What `createDetector` makes of the options of each kind, before anything is built.

const classes = ['a', 'b'];
const imageNet = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
const twoMaps = {
  name: 'squeezenet1_1',
  layers: ['features.7', 'features.12'],
  frozenThrough: 'features.5',
};
const search = { mode: 'fast', maxProposals: 2000, nmsThreshold: 1, maxSize: 800 };
// rcnn_test.m: NMS at .3, at most 100 boxes of a class and of a picture, margins from −1.
const margins = { scoreThreshold: -1, nmsThreshold: 0.3, maxPerClass: 100, maxDetections: 100 };
const soft = { scoreThreshold: 0.05, nmsThreshold: 0.4, softNms: { method: 'linear' }, maxDetections: 100 };

const resolved = (type: string, options: object = {}, pretrained = true): Record<string, unknown> => {
  const given = { type, classes, backbone: 'squeezenet1_1', ...options } as DetectorOptions;
  return { ...resolveConfig(given, { pretrained }) };
};

const KINDS: Record<string, { whole: object; parts: Record<string, object> }> = {
  rcnn: {
    whole: {
      transform: imageNet,
      backbone: { name: 'squeezenet1_1', layers: ['features.12'], frozenThrough: 'features.5' },
      proposals: search,
      regions: { size: 227, mode: 'warp', context: 16, outputSize: [3, 3] },
      head: { hidden: [256], dropout: 0, boxFeatures: 'hidden' },
      postprocess: margins,
    },
    parts: { transform: { std: [1, 2, 3] }, regions: { context: 0 }, head: { boxFeatures: 'pooled' } },
  },
  'spp-net': {
    whole: {
      transform: { minSize: 480, maxSize: 800, ...imageNet },
      backbone: { name: 'squeezenet1_1', layers: ['features.7'], frozenThrough: 'features.7' },
      proposals: search,
      regions: { levels: [1, 2, 3, 6] },
      head: { hidden: [256], dropout: 0, boxFeatures: 'hidden' },
      postprocess: margins,
    },
    parts: { transform: { minSize: 90 }, regions: { levels: [2] }, head: { hidden: [] } },
  },
  'fast-rcnn': {
    whole: {
      transform: { minSize: 480, maxSize: 800, ...imageNet },
      backbone: twoMaps,
      neck: { channels: 96 },
      proposals: search,
      regions: { outputSize: [7, 7] },
      head: { hidden: [256], dropout: 0 },
      boxCoder: { weights: [10, 10, 5, 5] },
      postprocess: { ...soft, boxVoting: { iouThreshold: 0.8 } },
    },
    parts: { neck: { channels: 8 }, head: { dropout: 0.5 }, boxCoder: { weights: [1, 2, 3, 4] } },
  },
  'faster-rcnn': {
    whole: {
      transform: { minSize: 480, maxSize: 800, ...imageNet },
      backbone: twoMaps,
      fpn: { channels: 96 },
      rpn: {
        // FPN's five sizes from 32 to 512 have a level each; three levels have two, each 16^(1/5) of the one before.
        anchors: {
          sizes: [
            [32, 56],
            [97, 169],
            [294, 512],
          ],
          aspectRatios: [0.5, 1, 2],
        },
        preNms: 1000,
        postNms: 1000,
        nmsThreshold: 0.7,
      },
      regions: { outputSize: [7, 7] },
      head: { hidden: [256], dropout: 0 },
      boxCoder: { weights: [10, 10, 5, 5] },
      postprocess: soft,
    },
    parts: {
      fpn: { channels: 8, batchNorm: true },
      rpn: { postNms: 5, convDepth: 2 },
      head: { dropout: 0.5 },
    },
  },
};

describe.each(Object.entries(KINDS))('%s', (type, { whole, parts }) => {
  test('nothing said, its defaults', () => {
    expect(resolved(type)).toEqual({ type, classes, ...whole });
  });

  test('what is said stands in for its default, and for nothing else', () => {
    const common = { postprocess: { maxDetections: 7 }, backbone: { frozenThrough: 'features.3' } };
    for (const [stage, given] of Object.entries({ ...common, ...parts })) {
      const before = resolved(type);
      const named = stage === 'backbone' ? { name: 'squeezenet1_1', ...given } : given;
      expect(resolved(type, { [stage]: named })).toEqual({
        ...before,
        [stage]: { ...(before[stage] as object), ...given },
      });
    }
  });

  test('random weights are all trained', () => {
    const random = resolved(type, {}, false);
    expect(random).toEqual({
      ...resolved(type),
      backbone: { ...(random['backbone'] as object), frozenThrough: null },
    });
  });

  test('an option that it has not, and one that is out of range, are named', () => {
    expect(() => resolved(type, { anchors: 9 })).toThrow(/^createDetector: .*"anchors"/);
    expect(() => resolved(type, { postprocess: { maxDetections: 0 } })).toThrow(
      /^createDetector: .*postprocess\.maxDetections/,
    );
  });
});

test.each(['rcnn', 'spp-net', 'fast-rcnn'])(
  '%s searches as it is told, or takes the boxes that are brought',
  (type) => {
    const other = { mode: 'quality', minSize: 9 };
    expect(resolved(type, { proposals: other })['proposals']).toEqual({ ...search, ...other });
    expect(resolved(type, { proposals: 'precomputed' })['proposals']).toBe('precomputed');
  },
);

test.each(['rcnn', 'spp-net'])(
  '%s has no convolutions in its head: they are refused, not ignored',
  (type) => {
    expect(() => resolved(type, { head: { convs: [8] } })).toThrow(
      'createDetector: head: Unrecognized key: "convs" (expected hidden, dropout, ranks, boxFeatures)',
    );
  },
);

test.each(['rcnn', 'spp-net'])('%s takes one map', (type) => {
  for (const layers of [
    ['features.7', 'features.12'],
    ['features.3', 'features.7', 'features.12'],
  ])
    expect(() => resolved(type, { backbone: { name: 'squeezenet1_1', layers } })).toThrow(
      `createDetector: backbone.layers must be one, got ${layers.join(', ')}`,
    );
});

describe('the levels of Faster R-CNN', () => {
  const sizesOf = (options: object) =>
    (resolved('faster-rcnn', options)['rpn'] as { anchors: { sizes: number[][] } }).anchors.sizes;

  test('one map has the paper’s three sizes (§3.1.1); a pyramid as many sizes as it takes to have five', () => {
    expect(sizesOf({ fpn: null })).toEqual([[128, 256, 512]]);
    const layers = ['features.3', 'features.7', 'features.12'];
    // 32 · 16^(i/7)
    expect(sizesOf({ backbone: { name: 'squeezenet1_1', layers } })).toEqual([
      [32, 48],
      [71, 105],
      [156, 232],
      [345, 512],
    ]);
  });

  test.each([[[[32], [64]]], [[[32], [64], [128], [256]]], [[[32], [64, 90], [128]]]])(
    'anchors of %j do not fit three',
    (sizes) => {
      expect(() => sizesOf({ rpn: { anchors: { sizes } } })).toThrow(
        /^createDetector: rpn\.anchors\.sizes must have as many sizes for each of the 3 levels/,
      );
    },
  );
});
