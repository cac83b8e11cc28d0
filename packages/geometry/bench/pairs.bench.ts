// What looks at every pair: boxIou, boxVoting and batchedSoftNms of 2,000 boxes a class, beside the same number of pairs
// through pairIou, one call each, as a twin would ask for them:
//   npx tsx --conditions=@roikit/source packages/geometry/bench/pairs.bench.ts
import { batchedNms, batchedSoftNms, boxIou, boxVoting, gatherBoxes, mulberry32 } from '../src';
import { pairIou } from '../src/pair';
import { randomBoxes } from '../test/naive';
import { measure, milliseconds } from './measure';

const random = mulberry32(1);
const boxes = randomBoxes(random, { count: 6_000, extent: 500, meanSide: 80 });
// Near one another, as an untrained head's: the worst case.
const scores = Float32Array.from({ length: 6_000 }, () => 0.25 + 0.02 * random());
const labels = Int32Array.from({ length: 6_000 }, (_, i) => 1 + (i % 3));
const best = batchedNms(boxes, scores, labels, { iouThreshold: 0.4, maxOutput: 100 });
const chosen = gatherBoxes(boxes, best);
const some = boxes.subarray(0, 8_000);

function pairs(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i += 4) for (let j = 0; j < b.length; j += 4) sum += pairIou(a, i, b, j);
  return sum;
}

const soft = { method: 'linear', iouThreshold: 0.4, scoreThreshold: 0.05 } as const;
const calls: Record<string, () => unknown> = {
  '100 × 2,000 calls of pairIou': () => pairs(chosen, some),
  'boxIou, 100 × 2,000': () => boxIou(chosen, some),
  'boxVoting, 100 of 6,000 in 3 classes': () => boxVoting({ boxes, scores, labels }, best),
  'batchedSoftNms, the best 100 of them': () =>
    batchedSoftNms(boxes, scores, labels, { ...soft, maxOutput: 100 }),
  'batchedSoftNms, all': () => batchedSoftNms(boxes, scores, labels, soft),
};
console.log(`Node ${process.version}; milliseconds of CPU time, median (fastest–slowest), in turn twice`);
for (const round of [1, 2]) {
  for (const [name, call] of Object.entries(calls)) {
    const [timing] = measure(call, { warmUp: 10, runs: 41 });
    console.log(`${round} ${name}: ${milliseconds(timing)}`);
  }
}
