import { afterEach, expect, test, vi } from 'vitest';
import { noise } from './images';

// Every stage asks for as much memory as it writes to: a first call, which finds none that an earlier one made, gives
// what a later call gives, which finds plenty.

afterEach(() => vi.resetModules());

const image = noise(211, 157, 3);
const strategy = (colorSpace: 'RGB' | 'I') => ({
  mode: [{ colorSpace, k: 40, similarities: ['color', 'texture', 'size', 'fill'] as const }],
});

test.each(['RGB', 'I'] as const)('selective search on %s', async (colorSpace) => {
  const { selectiveSearch } = await import('../src');
  const options = strategy(colorSpace) as object;
  const first = selectiveSearch(image, options);
  selectiveSearch(noise(301, 223, 4), options);
  expect(selectiveSearch(image, options)).toEqual(first);
  expect(first.scores.length).toBeGreaterThan(500);
});

test('segmentation and grouping', async () => {
  const { graphSegmentation, hierarchicalGrouping } = await import('../src');
  const first = graphSegmentation(image, { scale: 40 });
  graphSegmentation(noise(301, 223, 4), { scale: 40 });
  expect(graphSegmentation(image, { scale: 40 })).toEqual(first);
  vi.resetModules();
  const fresh = await import('../src');
  const grouped = fresh.hierarchicalGrouping(image, { k: 40 });
  expect(hierarchicalGrouping(image, { k: 40 })).toEqual(grouped);
});
