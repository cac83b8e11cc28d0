import { mulberry32 } from '@roikit/geometry';
import { beforeAll, describe, expect, test } from 'vitest';
import { createDetector, resolveConfig, train } from '../src';
import { useTestEngine } from '../../engine/test/testEngine';
import { collect } from '../../training/test/runs';
import { squares } from './scenes';
import { options, stagedDetectorTests } from './staged';

beforeAll(useTestEngine);

const make = (random = mulberry32(1)) =>
  createDetector({
    type: 'rcnn',
    classes: ['red', 'blue'],
    backbone: { name: 'squeezenet1_1', layers: ['features.3'], frozenThrough: null },
    proposals: 'precomputed',
    regions: { size: 32, context: 4, outputSize: [3, 3] },
    head: { hidden: [32] },
    random,
  });

describe('R-CNN', () => {
  stagedDetectorTests((random) => make(random), { epochs: 12 });

  test("takes pool5 of a network with fully connected layers as they do, and the last map's average of others", () => {
    const config = resolveConfig({ type: 'rcnn', classes: ['a'], backbone: 'vgg16' });
    expect(config.backbone).toEqual({
      name: 'vgg16',
      layers: ['features.30'],
      frozenThrough: 'features.7',
    });
    expect(config.regions).toEqual({ size: 227, mode: 'warp', context: 16, outputSize: [7, 7] });
    expect(config.postprocess.scoreThreshold).toBe(-1); // margins
    const { regions } = resolveConfig({ type: 'rcnn', classes: ['a'], backbone: 'resnet18' });
    expect(regions.outputSize).toEqual([3, 3]);
  });

  test('a region is seen warped, with what surrounds it, and in nothing else of the picture', async () => {
    const detector = make();
    const { image } = await squares({ count: 1 }).get(0);
    const features = (data: Uint8Array) => {
      const context = { images: [{ ...image, data }], sizes: [image], maps: [] };
      const rows = detector.parts.regionFeatures.apply(context, [Float32Array.of(20, 16, 44, 40)]);
      return [...rows.dataSync()];
    };
    const changed = (x: number, y: number) => {
      const data = Uint8Array.from(image.data);
      data.set([0, 255, 0], 3 * (y * image.width + x));
      return features(data);
    };
    const own = features(image.data as Uint8Array);
    // 4 of 32 pixels of context: 24 · 32 / 24 = 32 pixels wide, from (16, 12) to (48, 44).
    expect(changed(17, 13)).not.toEqual(own);
    expect(changed(46, 42)).not.toEqual(own);
    expect(changed(14, 20)).toEqual(own);
    expect(changed(50, 20)).toEqual(own);
    expect(changed(30, 10)).toEqual(own);
    expect(changed(30, 46)).toEqual(own);
    detector.dispose();
  });

  test('a size that no crop has is refused by name', async () => {
    const events = train(make(), squares({ count: 2 }), options({ augment: { scale: [1, 2] } }));
    await expect(collect(events)).rejects.toThrow(/augment.*scale/);
    // Windows are cut from pictures as they are.
    for (const name of ['iouCrop', 'photometricDistort']) {
      const others = train(make(), squares({ count: 2 }), options({ augment: { [name]: 0.5 } }));
      await expect(collect(others)).rejects.toThrow(
        `train: augment: Unrecognized key: "${name}" (expected horizontalFlip, verticalFlip)`,
      );
    }
    const regions = { size: 32, outputSize: [20, 20] as [number, number] };
    expect(() =>
      createDetector({
        type: 'rcnn',
        classes: ['a'],
        backbone: 'squeezenet1_1',
        regions,
        random: mulberry32(1),
      }),
    ).toThrow(/outputSize must be at most the network's map of a crop, 1 × 1, got 20 × 20/);
  });
});
