// evaluateCoco against pycocotools on the same 2,000 images × 80 classes × 100 detections an image:
//   npx tsx --conditions=@roikit/source packages/geometry/bench/evaluateCoco.bench.ts
import { ok } from 'node:assert/strict';
import { evaluateCoco, mulberry32, type Detections, type GroundTruth } from '../src';
import { randomBoxes } from '../test/naive';
import { askPeer, measure, milliseconds, summarizeTimes } from './measure';

const images = 2_000;
const numClasses = 80;
const truthsPerImage = 7; // COCO's mean
const detectionsPerImage = 100;

const random = mulberry32(2);
const pick = (count: number): number => Math.floor(random() * count);

function makeTruth(): GroundTruth {
  return {
    // whole pixels: xywh and xyxy are the same numbers to both
    boxes: randomBoxes(random, { count: truthsPerImage, extent: 500, meanSide: 60 }).map(Math.ceil),
    labels: Int32Array.from({ length: truthsPerImage }, () => 1 + pick(numClasses)),
    crowd: Uint8Array.from({ length: truthsPerImage }, () => Number(random() < 0.02)),
  };
}

/** Half of them a truth moved by some pixels, half anywhere. */
function makeDetections(truth: GroundTruth): Detections {
  const boxes = randomBoxes(random, { count: detectionsPerImage, extent: 500, meanSide: 60 }).map(Math.ceil);
  const labels = Int32Array.from({ length: detectionsPerImage }, () => 1 + pick(numClasses));
  for (let i = 0; i < detectionsPerImage; i += 2) {
    const near = pick(truthsPerImage);
    labels[i] = truth.labels[near]!;
    for (let c = 0; c < 4; c++) boxes[4 * i + c] = truth.boxes[4 * near + c]! + pick(9) + (c > 1 ? 8 : 0);
  }
  return { boxes, labels, scores: Float32Array.from({ length: detectionsPerImage }, random) };
}

const xywh = (boxes: Float32Array, i: number): number[] => {
  const [x1, y1, x2, y2] = boxes.subarray(4 * i, 4 * i + 4) as unknown as [number, number, number, number];
  return [x1, y1, x2 - x1, y2 - y1];
};

function cocoFiles(groundTruth: GroundTruth[], detections: Detections[]): Record<string, string> {
  let id = 0;
  const annotations = groundTruth.flatMap(({ boxes, labels, crowd }, image) =>
    Array.from(labels, (label, i) => {
      const bbox = xywh(boxes, i);
      const area = bbox[2]! * bbox[3]!;
      return { id: ++id, image_id: image, category_id: label, bbox, area, iscrowd: crowd![i] };
    }),
  );
  const results = detections.flatMap(({ boxes, labels, scores }, image) =>
    Array.from(labels, (label, i) => ({
      image_id: image,
      category_id: label,
      bbox: xywh(boxes, i),
      score: scores[i],
    })),
  );
  const categories = Array.from({ length: numClasses }, (_, k) => ({ id: k + 1 }));
  const truths = { images: groundTruth.map((_, id) => ({ id })), categories, annotations };
  return { 'truths.json': JSON.stringify(truths), 'results.json': JSON.stringify(results) };
}

const groundTruth = Array.from({ length: images }, makeTruth);
const detections = groundTruth.map(makeDetections);
const peer = askPeer<{ version: string; times: number[]; stats: number[] }>(
  new URL('coco_peer.py', import.meta.url),
  {
    python: process.env['PYCOCOTOOLS_PYTHON'],
    needs: 'pycocotools.cocoeval',
    files: cocoFiles(groundTruth, detections),
  },
);
const [ours, { stats }] = measure(() => evaluateCoco(groundTruth, detections, { numClasses }), {
  warmUp: 2,
  runs: 7,
});
const theirs = peer && summarizeTimes(peer.times);
peer?.stats.forEach((value, i) =>
  ok(Math.abs(Object.values(stats)[i]! - value) < 1e-9, `number ${i} differs`),
);

console.log(
  `Node ${process.version}, pycocotools ${peer?.version ?? 'not installed'}; milliseconds of CPU time, median (fastest–slowest)`,
);
console.log('| set | AP | roikit ms | pycocotools ms | ratio |');
console.log('| --- | --- | --- | --- | --- |');
const set = `${images} images × ${numClasses} classes × ${detectionsPerImage} detections`;
const ratio = theirs ? (ours.median / theirs.median).toFixed(4) : '–';
console.log(
  `| ${set} | ${stats.AP.toFixed(4)} | ${milliseconds(ours)} | ${theirs ? milliseconds(theirs) : '–'} | ${ratio} |`,
);
