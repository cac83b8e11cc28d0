import { mulberry32 } from '@roikit/geometry';
import { beforeAll, describe, expect, test } from 'vitest';
import { createDetector, resolveConfig, train } from '../src';
import { useTestEngine } from '../../engine/test/testEngine';
import { collect } from '../../training/test/runs';
import { squares } from './scenes';
import { options, stagedDetectorTests, stoppedRunTests } from './staged';

beforeAll(useTestEngine);

const make = (random = mulberry32(1), frozenThrough: string | null = null) =>
  createDetector({
    type: 'spp-net',
    classes: ['red', 'blue'],
    backbone: { name: 'squeezenet1_1', layers: ['features.3'], frozenThrough },
    transform: { minSize: 64, maxSize: 64 },
    proposals: 'precomputed',
    regions: { levels: [1, 2, 3] },
    head: { hidden: [32] },
    random,
  });

describe('SPP-net', () => {
  stagedDetectorTests((random) => make(random), { epochs: 12, augment: { scale: [1, 1] } });
  stoppedRunTests((random) => make(random));

  test('on ImageNet weights only the fully connected layers are trained; the map of one layer is taken', () => {
    const config = resolveConfig({ type: 'spp-net', classes: ['a'], backbone: 'vgg16' });
    expect(config.backbone).toEqual({
      name: 'vgg16',
      layers: ['features.28'],
      frozenThrough: 'features.28',
    });
    expect(config.regions).toEqual({ levels: [1, 2, 3, 6] });
    expect(config.postprocess.scoreThreshold).toBe(-1); // margins
  });

  test('with frozen layers the map stays, the head moves', async () => {
    const detector = make(mulberry32(1), 'features.3');
    const before = await detector.stateDict();
    await collect(train(detector, squares({ count: 2 }), options()));
    const after = await detector.stateDict();
    const moved = [...after.keys()].filter((name) =>
      after.get(name)!.data.some((v, i) => v !== before.get(name)!.data[i]),
    );
    expect(moved.filter((name) => name.startsWith('backbone'))).toEqual([]);
    expect(moved).toContain('head.network.fc6.weight');
    expect(moved).toContain('head.linear.svm.weight');
    detector.dispose();
  });
});
