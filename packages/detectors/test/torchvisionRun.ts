import { resizeBoxes, type Detections, type ImageSize } from '@roikit/geometry';
import type { GeneralizedRCNN } from '../src';
import type { JointParts } from '../src/training/jointPhase';
import type { DetectRun } from './torchvisionGolden';
import { difference, picture } from './torchvisionWeights';

/** A detection beside torchvision's. */
export interface Comparison {
  /** Of the image in the network's input, height first. */
  resized: number[];
  /** Of the network's input. */
  padded: number[];
  mapShapes: number[][];
  /** Differences of maps and anchors, as parts of their scale. */
  maps: number[];
  anchors: number;
  /** The share of torchvision's proposals that are there within .05 pixels. */
  proposals: number;
  labels: number[];
  /** Largest differences of detections, best first in both. */
  scores: number;
  boxes: number;
}

/** Follows a picture from the transform to its detections. */
export async function compareRun(detector: GeneralizedRCNN<JointParts>, run: DetectRun): Promise<Comparison> {
  const image = picture(run.name, run.size);
  const compared: Partial<Comparison> = {};
  let size: ImageSize = image;
  for await (const event of detector.stages(image)) {
    if (event.type === 'transform') {
      ({ size } = event.input);
      Object.assign(compared, {
        resized: [size.height, size.width],
        padded: event.input.input.shape.slice(1, 3),
      });
    } else if (event.type === 'maps') {
      const values = await Promise.all(event.maps.map(({ map }) => map.data()));
      Object.assign(compared, {
        mapShapes: event.maps.map(({ map }) => map.shape),
        maps: values.map((some, i) => difference(some, run.maps[i]!)),
        anchors: difference(detector.parts.proposals.anchors(event.maps).boxes, run.anchors),
      });
    } else if (event.type === 'proposals') {
      const boxes = resizeBoxes(event.boxes, { from: image, to: size });
      const best = boxes.subarray(0, run.proposals.length + 4 * 5); // a few more: ties at the end may go either way
      compared.proposals = paired(best, run.proposals, 0.05);
    } else if (event.type === 'detections') {
      const { labels, scores, boxes } = inOrder(event.detections, run);
      Object.assign(compared, {
        labels: [...labels],
        scores: largest(scores, run.scores),
        boxes: largest(boxes, run.boxes),
      });
    }
  }
  return compared as Comparison;
}

/** The share of the expected boxes that have one within `pixels`. */
function paired(got: Float32Array, expected: readonly number[], pixels: number): number {
  let count = 0;
  for (let i = 0; i < expected.length; i += 4) {
    const near = (j: number) => [0, 1, 2, 3].every((k) => Math.abs(got[j + k]! - expected[i + k]!) <= pixels);
    for (let j = 0; j < got.length; j += 4) {
      if (!near(j)) continue;
      count++;
      break;
    }
  }
  return count / (expected.length / 4);
}

/** Equal but for rounding: which comes first is then chance. */
const TIE = 1e-5;

/** Detections, neighbours of one score as torchvision has them. */
function inOrder({ labels, scores, boxes }: Detections, run: DetectRun): Detections {
  const order = [...labels.keys()];
  for (let i = 0; i + 1 < order.length; i++) {
    const tied = run.scores[i]! - run.scores[i + 1]! < TIE;
    if (tied && Math.abs(boxes[4 * order[i]!]! - run.boxes[4 * i]!) > 0.05)
      [order[i], order[i + 1]] = [order[i + 1]!, order[i]!];
  }
  return {
    labels: Int32Array.from(order, (i) => labels[i]!),
    scores: Float32Array.from(order, (i) => scores[i]!),
    boxes: Float32Array.from(order.flatMap((i) => [...boxes.subarray(4 * i, 4 * i + 4)])),
  };
}

function largest(got: Float32Array, expected: readonly number[]): number {
  if (got.length !== expected.length) return Infinity;
  return Math.max(...expected.map((value, i) => Math.abs(value - got[i]!)));
}
