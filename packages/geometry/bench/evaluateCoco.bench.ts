// evaluateCoco against pycocotools and hotcoco (one thread) on the same 2,000 images × 80 classes × 100 detections an image:
//   npx tsx --conditions=@roikit/source packages/geometry/bench/evaluateCoco.bench.ts
import { ok } from 'node:assert/strict';
import {
  evaluateCoco,
  formatCocoResults,
  mulberry32,
  type MeasuredDetections,
  type MeasuredTruth,
} from '../src';
import { randomBoxes } from '../test/naive';
import { askPeer, measure, milliseconds, summarizeTimes, type Timing } from './measure';

const images = 2_000;
const numClasses = 80;
const truthsPerImage = 7; // COCO's mean
const detectionsPerImage = 100;
const imageIds = Array.from({ length: images }, (_, image) => image);
const categoryIds = Array.from({ length: numClasses }, (_, k) => k + 1);

interface CocoSet {
  name: string;
  groundTruth: MeasuredTruth[];
  detections: MeasuredDetections[];
  boxFormat: 'xyxy' | 'xywh';
}

interface Peer {
  version: string;
  times: number[];
  stats: number[];
}

/** Whole pixels in float32, where corners and sides are the same numbers to both; half the detections are truths moved. */
function makeSet(): CocoSet {
  const random = mulberry32(2);
  const pick = (count: number): number => Math.floor(random() * count);
  const groundTruth = imageIds.map(() => ({
    boxes: randomBoxes(random, { count: truthsPerImage, extent: 500, meanSide: 60 }).map(Math.ceil),
    labels: Int32Array.from({ length: truthsPerImage }, () => 1 + pick(numClasses)),
    crowd: Uint8Array.from({ length: truthsPerImage }, () => Number(random() < 0.02)),
  }));
  const detections = groundTruth.map((truth) => {
    const boxes = randomBoxes(random, { count: detectionsPerImage, extent: 500, meanSide: 60 }).map(
      Math.ceil,
    );
    const labels = Int32Array.from({ length: detectionsPerImage }, () => 1 + pick(numClasses));
    for (let i = 0; i < detectionsPerImage; i += 2) {
      const near = pick(truthsPerImage);
      labels[i] = truth.labels[near]!;
      for (let c = 0; c < 4; c++) boxes[4 * i + c] = truth.boxes[4 * near + c]! + pick(9) + (c > 1 ? 8 : 0);
    }
    return { boxes, labels, scores: Float32Array.from({ length: detectionsPerImage }, random) };
  });
  return { name: 'whole pixels, float32', groundTruth, detections, boxFormat: 'xyxy' };
}

/** The same at tenths of a pixel, x y width height in float64. */
function inTenths({ groundTruth, detections }: CocoSet): CocoSet {
  const tenths = <T extends { boxes: MeasuredTruth['boxes'] }>(image: T): T => ({
    ...image,
    boxes: Float64Array.from(image.boxes, (value, i) => {
      return (i % 4 < 2 ? value : Math.max(1, value - image.boxes[i - 2]!)) / 10;
    }),
  });
  const inFloat64 = detections.map((found) => ({
    ...tenths(found),
    scores: Float64Array.from(found.scores),
  }));
  return {
    name: 'tenths of a pixel, float64',
    groundTruth: groundTruth.map(tenths),
    detections: inFloat64,
    boxFormat: 'xywh',
  };
}

function cocoFiles({ groundTruth, detections, boxFormat }: CocoSet): Record<string, string> {
  let id = 0;
  const annotations = groundTruth.flatMap(({ boxes, labels, crowd }, image) =>
    Array.from(labels, (label, i) => {
      const [x, y, a, b] = Array.from(boxes.subarray(4 * i, 4 * i + 4)) as [number, number, number, number];
      const bbox = boxFormat === 'xyxy' ? [x, y, a - x, b - y] : [x, y, a, b];
      const area = bbox[2]! * bbox[3]!;
      return { id: ++id, image_id: image, category_id: label, bbox, area, iscrowd: crowd![i] };
    }),
  );
  const categories = categoryIds.map((id) => ({ id, name: String(id) }));
  const truths = { images: imageIds.map((id) => ({ id })), categories, annotations };
  return {
    'truths.json': JSON.stringify(truths),
    'results.json': formatCocoResults(detections, { imageIds, categoryIds, boxFormat }),
  };
}

function compare(set: CocoSet): void {
  const { groundTruth, detections, boxFormat } = set;
  const files = cocoFiles(set);
  const python = process.env['PYCOCOTOOLS_PYTHON'];
  const ask = (script: string, needs: string) =>
    askPeer<Peer>(new URL(script, import.meta.url), { python, needs, files });
  const evaluate = () => evaluateCoco(groundTruth, detections, { numClasses, boxFormat });
  const pycocotools = ask('coco_peer.py', 'pycocotools.cocoeval');
  // hotcoco before and after, against a machine that slows down meanwhile
  const before = ask('hotcoco_peer.py', 'hotcoco');
  const [ours, { stats }] = measure(evaluate, { warmUp: 2, runs: 9 });
  const after = before && ask('hotcoco_peer.py', 'hotcoco');
  for (const peer of [pycocotools, before]) {
    peer?.stats.forEach((value, i) =>
      ok(Math.abs(Object.values(stats)[i]! - value) < 1e-9, `${set.name}: number ${i} differs`),
    );
  }
  row(set, stats.AP, ours, [
    pycocotools && summarizeTimes(pycocotools.times),
    before && summarizeTimes([...before.times, ...after!.times]),
  ]);
  console.log(`  pycocotools ${pycocotools?.version ?? '–'}, hotcoco ${before?.version ?? '–'}`);
}

function row({ name }: CocoSet, AP: number, ours: Timing, peers: (Timing | undefined)[]): void {
  const cells = peers.flatMap((peer) =>
    peer ? [milliseconds(peer), (ours.median / peer.median).toFixed(3)] : ['–', '–'],
  );
  console.log(`| ${name} | ${AP.toFixed(4)} | ${milliseconds(ours)} | ${cells.join(' | ')} |`);
}

console.log(`Node ${process.version}; milliseconds of CPU time, median (fastest–slowest)`);
console.log('| set | AP | roikit | pycocotools | ratio | hotcoco | ratio |');
console.log('| --- | --- | --- | --- | --- | --- | --- |');
const whole = makeSet();
for (const set of [whole, inTenths(whole)]) compare(set);
