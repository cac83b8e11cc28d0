import { expect, test } from 'vitest';
import { rankBoxes } from '../src/ranking';

test('v = random · position from the top, ascending; of equal boxes the better stays', () => {
  const runs = [Int32Array.of(0, 0, 1, 1, 0, 0, 9, 9), Int32Array.of(0, 0, 1, 1, 2, 2, 4, 4, 0, 0, 9, 9)];
  const draws = [0.9, 0.5, 0.1, 0.9, 0.2]; // values 1.8, 0.5, 0.3, 1.8, 0.2
  const options = { minSize: 0, maxProposals: Infinity, nmsThreshold: 1, scale: { x: 1, y: 1 } };
  const { boxes, scores } = rankBoxes(runs, () => draws.shift()!, options);
  expect([...boxes]).toEqual([0, 0, 9, 9, 0, 0, 1, 1, 2, 2, 4, 4]);
  [1, 2 / 3, 1 / 3].forEach((score, i) => expect(scores[i]).toBeCloseTo(score, 6));
});

test('near duplicates of a better box come last, in their order; none is lost', () => {
  const runs = [Int32Array.of(0, 0, 10, 10, 0, 0, 10, 9, 20, 20, 30, 30, 0, 0, 9, 10, 0, 0, 10, 5)];
  const rank = (nmsThreshold: number, maxProposals = Infinity) => {
    const draws = [0.1, 0.2, 0.3, 0.6, 0.9]; // values .5 .8 .9 1.2 .9: as listed, but for the last two
    const options = { minSize: 0, maxProposals, nmsThreshold, scale: { x: 2, y: 1 } };
    return rankBoxes(runs, () => draws.shift()!, options).boxes;
  };
  const [whole, low, other, narrow, half] = [
    [0, 0, 20, 10],
    [0, 0, 20, 9],
    [40, 20, 60, 30],
    [0, 0, 18, 10],
    [0, 0, 20, 5],
  ] as number[][];
  expect([...rank(1)]).toEqual([whole, low, other, half, narrow].flat());
  expect([...rank(0.8)]).toEqual([whole, other, half, low, narrow].flat()); // IoU .9 with the whole
  expect([...rank(0.9)]).toEqual([...rank(1)]); // above the threshold, not at it
  expect([...rank(0.8, 2)]).toEqual([whole, other].flat());
  expect([...rank(0.8, 4)]).toEqual([whole, other, half, low].flat());
});
