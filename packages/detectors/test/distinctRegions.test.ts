import { mulberry32, type Boxes } from '@roikit/geometry';
import { beforeAll, expect, test } from 'vitest';
import { useTestEngine } from '../../engine/test/testEngine';
import { gridProposals, squares, tinyDetector } from './scenes';

beforeAll(useTestEngine);

test('regions of the same cells are computed once, and the detections stay what they were', async () => {
  const detector = tinyDetector();
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
  expect(await detect(cells)).toEqual(await detect(undefined));
  const [fewer, all] = counts as [number, number];
  expect(all).toBe(proposals.length / 4);
  expect(fewer).toBeLessThan(0.8 * all);
  expect(fewer).toBeGreaterThanOrEqual(grid.length / 4 / 4);
  detector.dispose();
});
