import { useEngine } from '@roikit/engine';
import { beforeAll, describe, expect, it } from 'vitest';
import { spatialPyramidPool, type SpatialPyramidPoolOptions } from '../src';
import { nodeBackends } from './backends';
import { maxError, type RegionOp } from './compare';
import { randomRegions } from './random';
import { distinct, finiteDifferenceError, leakedTensors, run } from './regions';
import { maxPoolTwin, scatterTwin, type BinsOf } from './twins';

const pool =
  (options: SpatialPyramidPoolOptions): RegionOp =>
  (x, boxes, boxIndices) =>
    spatialPyramidPool(x, boxes, boxIndices, options);

/** algorithms.md §5, written out once more: projection, midpoint of an empty range, clamp, bins. */
const twinBins =
  (options: Required<SpatialPyramidPoolOptions>): BinsOf =>
  (from, to, n, mapSide) => {
    const { spatialScale: s, projection } = options;
    let first: number;
    let last: number;
    if (projection === 'paper') {
      first = Math.floor(from * s) + 1;
      last = Math.ceil(to * s) - 1;
    } else {
      const { offset0, offset } = projection;
      first = Math.floor((from + 1 - offset0 + offset) * s + 0.5);
      last = Math.ceil((to - offset0 - offset) * s - 0.5);
    }
    if (first > last) first = last = Math.floor((first + last) / 2);
    first = Math.min(Math.max(first, 0), mapSide - 1);
    last = Math.min(Math.max(last, 0), mapSide - 1);
    const a = last - first + 1;
    return Array.from({ length: n }, (_, p): [number, number] =>
      options.bins === 'adaptive'
        ? [first + Math.floor((p * a) / n), first + Math.ceil(((p + 1) * a) / n)]
        : [first + p * Math.floor(a / n), first + p * Math.floor(a / n) + Math.ceil(a / n)],
    );
  };

/** The bins of one row of a cells: the map's value at cell x is x, so the maximum is a bin's last cell. */
async function binEnds(a: number, n: number, bins: 'adaptive' | 'fixed'): Promise<[number, number][]> {
  const ascending = Float32Array.from({ length: a }, (_, x) => x);
  const region = { boxes: Float32Array.of(-0.5, -0.5, a, 1), boxIndices: Int32Array.of(0) };
  const row = async (features: Float32Array): Promise<number[]> => {
    const shape: [number, number, number, number] = [1, 1, a, 1];
    const { output } = await run(pool({ levels: [n], spatialScale: 1, bins }), {
      ...region,
      shape,
      features,
    });
    return [...output.subarray(0, n)];
  };
  const ends = await row(ascending);
  const starts = await row(ascending.map((x) => -x));
  return starts.map((start, p) => [0 - start, ends[p]! + 1]);
}

describe.each(await nodeBackends())('spatialPyramidPool on %s', (backend) => {
  beforeAll(async () => {
    await useEngine(backend);
  });

  // algorithms.md §9
  it.each([
    { a: 13, n: 2, bins: ['0,7', '6,13'] },
    { a: 13, n: 3, bins: ['0,5', '4,9', '8,13'] },
    { a: 13, n: 6, bins: ['0,3', '2,5', '4,7', '6,9', '8,11', '10,13'] },
    { a: 10, n: 3, bins: ['0,4', '3,7', '6,10'] },
    { a: 10, n: 6, bins: ['0,2', '1,4', '3,5', '5,7', '6,9', '8,10'] },
  ])('has the paper’s adaptive bins: a = $a, n = $n', async ({ a, n, bins }) => {
    expect((await binEnds(a, n, 'adaptive')).map(String)).toEqual(bins);
  });

  // §5: on a = 13, n = 6 is window 3 stride 2, n = 3 is (5, 4), n = 2 is (7, 6), n = 1 is (13, 13)
  it.each([
    { n: 6, window: 3, stride: 2 },
    { n: 3, window: 5, stride: 4 },
    { n: 2, window: 7, stride: 6 },
    { n: 1, window: 13, stride: 13 },
  ])('has the paper’s fixed bins on 13 cells: n = $n', async ({ n, window, stride }) => {
    const expected = Array.from({ length: n }, (_, p) => [p * stride, p * stride + window]);
    expect(await binEnds(13, n, 'fixed')).toEqual(expected);
  });

  const rules = (['adaptive', 'fixed'] as const).flatMap((bins) =>
    (['paper', { offset0: 21, offset: 6.5 }] as const).map((projection) => ({ bins, projection })),
  );

  it.each(rules)('agrees with the naive twin: %o', async (rule) => {
    const options = { levels: [1, 2, 3, 6], spatialScale: 1 / 16, ...rule };
    const regions = randomRegions(7, [2, 15, 19, 6], 40, 1 / 16);
    // Narrower than a cell: their range of cells is empty, by two where an edge lies on a cell's centre.
    regions.boxes.set([32, 32, 32, 32, 48, 64, 50, 64, 100, 103, 101, 104]);
    const grids = options.levels.map((n): [number, number] => [n, n]);
    const twin = maxPoolTwin(regions, grids, twinBins(options));
    const { shape, output, gradient, dy } = await run(pool(options), regions);
    expect(shape).toEqual([40, 50 * 6]);
    expect(maxError(output, twin.output)).toBeLessThanOrEqual(0);
    expect(maxError(gradient, scatterTwin(regions.features.length, twin.argmax, dy))).toBeLessThanOrEqual(
      1e-4,
    );
  });

  // A level is made of another's bins where it can be; of which, the order must not matter.
  it.each([[[6, 1, 3, 2]], [[2, 3]], [[4, 2, 6, 1]], [[3, 3, 1]], [[8, 2, 4]]])(
    'agrees with the naive twin on the levels %j',
    async (levels) => {
      const options = { levels, spatialScale: 1 / 16, bins: 'adaptive', projection: 'paper' } as const;
      const regions = randomRegions(8, [2, 15, 19, 6], 40, 1 / 16);
      const grids = levels.map((n): [number, number] => [n, n]);
      const twin = maxPoolTwin(regions, grids, twinBins(options));
      const { output, gradient, dy } = await run(pool(options), regions);
      expect(maxError(output, twin.output)).toBeLessThanOrEqual(0);
      expect(maxError(gradient, scatterTwin(regions.features.length, twin.argmax, dy))).toBeLessThanOrEqual(
        1e-4,
      );
    },
  );

  it('has the gradient of finite differences', async () => {
    const regions = { ...randomRegions(1, [2, 5, 6, 3], 5, 0.5), features: distinct(180) };
    expect(
      await finiteDifferenceError(pool({ levels: [2, 1], spatialScale: 0.5 }), regions, 1 / 64),
    ).toBeLessThan(1e-3);
  });

  it('leaves no tensor behind', async () => {
    expect(
      await leakedTensors(
        pool({ levels: [1, 2], spatialScale: 0.5 }),
        randomRegions(2, [2, 5, 6, 4], 5, 0.5),
      ),
    ).toBe(0);
  });
});
