import { useEngine } from '@roikit/engine';
import { mulberry32, type Boxes } from '@roikit/geometry';
import { sampleRegions } from '@roikit/heads';
import { gradientStep, Optimizer } from '@roikit/training';
import { describe, expect, test } from 'vitest';
import { countDispatches } from '../../engine/test/watchGpu';
import { startWebgpu } from '../../engine/test/webgpuInNode';
import { createDetector } from '../src';
import { augment } from '../src/training/augment';
import { multiTaskLosses } from '../src/training/multiTaskPhase';
import { keptByMany, trainTiny, weightDifference, type Trained } from './webgpuRuns';

const started = await startWebgpu();
if (!started) console.warn('SKIPPED: detectors on webgpu in Node');

function boxes(count: number, random: () => number): Boxes {
  const corners = Array.from({ length: count }, () => {
    const [x, y] = [random() * 500, random() * 350];
    return [x, y, x + 30 + random() * 100, y + 30 + random() * 100];
  });
  return Float32Array.from(corners.flat());
}

/** A step of bench/trainStep.bench.ts: recipes/bccd.json on two 640×480 pictures. */
async function bccdStepDispatches(): Promise<number> {
  const random = mulberry32(1);
  const detector = createDetector({
    type: 'fast-rcnn',
    classes: ['RBC', 'WBC', 'Platelets'],
    backbone: { name: 'squeezenet1_1', layers: ['features.7', 'features.12'], frozenThrough: 'features.5' },
    neck: { channels: 96 },
    transform: { minSize: 480, maxSize: 640 },
    head: { hidden: [512] },
    random,
  });
  const optimizer = new Optimizer([{ variables: detector.variables(), factor: 0.2 }], {
    type: 'adamw',
    clipNorm: 10,
  });
  const data = new Uint8Array(640 * 480 * 3).fill(99);
  const inputs = [0, 1].map(() => {
    const truth = {
      boxes: boxes(20, random),
      labels: Int32Array.from({ length: 20 }, (_, i) => 1 + (i % 3)),
    };
    const original = {
      sample: { id: '', image: { data, width: 640, height: 480 }, truth },
      proposals: boxes(500, random),
    };
    const { sample, proposals } = augment(original, {}, random);
    return {
      image: sample.image,
      targets: sampleRegions(proposals, sample.truth, { coder: detector.parts.coder, random }),
    };
  });
  const step = { learningRate: 1e-4, where: () => 'a test' };
  const dispatches = await countDispatches(() =>
    gradientStep(optimizer, () => multiTaskLosses(detector, inputs), step),
  );
  optimizer.dispose();
  detector.dispose();
  return dispatches;
}

describe.skipIf(!started)('on webgpu in Node', () => {
  test.each(['sgd', 'adamw'] as const)(
    '%s trains as on wasm, and resumes to the same bits',
    async (type) => {
      await useEngine('wasm');
      const expected = await trainTiny(type);
      await useEngine('webgpu');
      const whole: Trained = await trainTiny(type);
      expect(whole.losses).toHaveLength(3);
      whole.losses.forEach((loss, i) => expect(loss).toBeCloseTo(expected.losses[i]!, 4));
      expect(weightDifference(whole, expected)).toBeLessThan(type === 'sgd' ? 1e-4 : 2e-3);
      if (type === 'sgd') expect(await trainTiny(type, { until: 1 })).toEqual(whole);
    },
    300_000,
  );

  test.each(['sgd', 'adamw'] as const)(
    '%s keeps no tensor and no buffer of a hundred steps',
    async (type) => {
      await useEngine('webgpu');
      const { after, steps, dispatches } = await keptByMany(type);
      expect(steps).toBeGreaterThanOrEqual(100);
      expect(dispatches).toBeGreaterThan(50 * steps);
      expect(after.last).toEqual(after.first);
    },
  );

  test('a Fast R-CNN training step is at most 185 dispatches', async () => {
    await useEngine('webgpu');
    const dispatches = await bccdStepDispatches();
    console.info(`dispatches of a Fast R-CNN training step: ${dispatches}`);
    expect(dispatches).toBeGreaterThan(100);
    expect(dispatches).toBeLessThanOrEqual(185);
  });
});
