// nms against torchvision's compiled kernel on one thread, on the same boxes:
//   npx tsx --conditions=@roikit/source packages/geometry/bench/nms.bench.ts
import { deepStrictEqual } from 'node:assert/strict';
import { mulberry32, nms } from '../src';
import { randomBoxes } from '../test/naive';
import { askPeer, measure, milliseconds, summarizeTimes } from './measure';

const iouThreshold = 0.5;
const jobs = [
  { name: '1,000', count: 1_000, extent: 1_000, meanSide: 80, runs: 201, peerWarmUp: 20, peerRuns: 101 },
  { name: '10,000 dense', count: 10_000, extent: 1_000, meanSide: 80, runs: 51, peerWarmUp: 1, peerRuns: 9 },
  {
    name: '100,000 sparse',
    count: 100_000,
    extent: 20_000,
    meanSide: 60,
    runs: 21,
    peerWarmUp: 0,
    peerRuns: 3,
  },
].map((job) => ({ ...job, iouThreshold }));

const random = mulberry32(1);
const inputs = jobs.map((job) => ({
  boxes: randomBoxes(random, job),
  scores: Float32Array.from({ length: job.count }, random),
}));

const files: Record<string, Uint8Array | string> = { 'jobs.json': JSON.stringify(jobs) };
jobs.forEach(({ name }, i) => {
  files[`${name}.boxes`] = new Uint8Array(inputs[i]!.boxes.buffer);
  files[`${name}.scores`] = new Uint8Array(inputs[i]!.scores.buffer);
});
const peer = askPeer<{ version: string; sets: Record<string, { times: number[]; kept: number[] }> }>(
  new URL('nms_peer.py', import.meta.url),
  { python: process.env['TORCHVISION_PYTHON'], needs: 'torchvision', files },
);

console.log(
  `Node ${process.version}, torchvision ${peer?.version ?? 'not installed'}, one thread each; milliseconds of CPU time, median (fastest–slowest)`,
);
console.log('| boxes | kept | roikit ms | torchvision ms | ratio |');
console.log('| --- | --- | --- | --- | --- |');
jobs.forEach((job, i) => {
  const { boxes, scores } = inputs[i]!;
  const [ours, kept] = measure(() => nms(boxes, scores, { iouThreshold }), { warmUp: 20, runs: job.runs });
  const set = peer?.sets[job.name];
  const theirs = set && summarizeTimes(set.times);
  if (set) deepStrictEqual(Array.from(kept), set.kept, 'indices must be equal');
  const ratio = theirs ? (ours.median / theirs.median).toFixed(4) : '–';
  console.log(
    `| ${job.name} | ${kept.length} | ${milliseconds(ours)} | ${theirs ? milliseconds(theirs) : '–'} | ${ratio} |`,
  );
});
