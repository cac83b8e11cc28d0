import { batchedNms, confusionMatrix, evaluateCoco, evaluateVoc, gatherBoxes } from '@roikit/geometry';

/** What any detector, in any language, said of two pictures: x1 y1 x2 y2 in pixels, labels 1…K. */
const raw = [
  {
    boxes: Float32Array.of(10, 10, 60, 60, 12, 11, 61, 62, 80, 20, 120, 70),
    scores: Float32Array.of(0.9, 0.75, 0.8),
    labels: Int32Array.of(1, 1, 2),
  },
  {
    boxes: Float32Array.of(5, 40, 55, 90, 200, 100, 240, 130),
    scores: Float32Array.of(0.6, 0.4),
    labels: Int32Array.of(2, 1),
  },
];
/** What is in them. */
const truth = [
  { boxes: Float32Array.of(11, 10, 60, 61, 82, 20, 118, 72), labels: Int32Array.of(1, 2) },
  { boxes: Float32Array.of(6, 40, 54, 92), labels: Int32Array.of(2) },
];

/** Best of each heap of overlapping boxes of one class. */
function suppress({ boxes, scores, labels }) {
  const kept = batchedNms(boxes, scores, labels, { iouThreshold: 0.5 });
  return {
    boxes: gatherBoxes(boxes, kept),
    scores: Float32Array.from(kept, (i) => scores[i]),
    labels: Int32Array.from(kept, (i) => labels[i]),
  };
}

export function measure() {
  const detections = raw.map(suppress);
  return {
    kept: detections.map(({ scores }) => scores.length),
    voc: evaluateVoc(truth, detections).mAP,
    coco: evaluateCoco(truth, detections).stats,
    confusion: confusionMatrix(truth, detections, { numClasses: 2, scoreThreshold: 0.3 }),
  };
}

if (import.meta.filename === process.argv[1]) console.log(measure());
