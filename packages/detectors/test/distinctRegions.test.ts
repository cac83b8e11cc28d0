import { mulberry32, type Boxes } from '@roikit/geometry';
import { beforeAll, expect, test } from 'vitest';
import { useTestEngine } from '../../engine/test/testEngine';
import { createDetector, type GeneralizedRCNN } from '../src/index';
import { gridProposals, squares, tinyDetector } from './scenes';

beforeAll(useTestEngine);

/** SPP-net with machines that say something: fresh ones are zeros. */
async function tinySppNet(scales: number[]): Promise<GeneralizedRCNN> {
  const random = mulberry32(5);
  const detector = createDetector({
    type: 'spp-net',
    classes: ['red', 'blue'],
    backbone: { name: 'squeezenet1_1', layers: ['features.3'], frozenThrough: null },
    transform: { minSize: 96, maxSize: 96 },
    scales,
    proposals: 'precomputed',
    regions: { levels: [1, 2, 3] },
    head: { hidden: [16] },
    random,
  });
  const state = await detector.stateDict();
  for (const [name, { data }] of state)
    if (/svm|bbox/.test(name)) (data as Float32Array).forEach((_, i) => (data[i] = random() - 0.5));
  detector.load(state);
  return detector;
}

test.each([
  ['of Fast R-CNN', async () => tinyDetector()],
  ['of SPP-net', () => tinySppNet([1])],
  ['of SPP-net at two sizes', () => tinySppNet([1, 2])],
])(
  'regions %s of the same cells are computed once, and the detections stay what they were',
  async (_, make) => {
    const detector = await make();
    const { image } = await squares({ count: 1 }).get(0);
    const random = mulberry32(4);
    // Each box of the grid and two more that are at most a pixel off: often within the same cells of 4 pixels.
    const grid = gridProposals(image);
    const near = () => grid.map((value) => Math.min(64, Math.max(0, value + 2 * random() - 1)));
    const proposals = Float32Array.from([...grid, ...near(), ...near()]);
    const { regionFeatures } = detector.parts;
    const { apply, cells } = regionFeatures;
    const counts: number[] = [];
    const detect = async (own: typeof cells) => {
      regionFeatures.cells = own;
      regionFeatures.apply = (context, boxes: readonly Boxes[]) => {
        counts.push(boxes[0]!.length / 4);
        return apply(context, boxes);
      };
      const { timings: _, ...found } = await detector.detect(image, { proposals, scoreThreshold: 0 });
      return found;
    };
    const found = await detect(cells);
    expect(new Set(found.scores).size).toBeGreaterThan(5);
    expect(found).toEqual(await detect(undefined));
    const [fewer, all] = counts as [number, number];
    expect(all).toBe(proposals.length / 4);
    expect(fewer).toBeLessThan(0.9 * all);
    expect(fewer).toBeGreaterThanOrEqual(grid.length / 4 / 4);
    detector.dispose();
  },
);
