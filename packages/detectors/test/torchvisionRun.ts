import * as tf from '@tensorflow/tfjs-core';
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
  const { transform, proposals: rpn } = detector.parts;
  const { input, size } = transform.apply(image);
  const maps = detector.features(input);
  const values = await Promise.all(maps.map(({ map }) => map.data()));
  const proposals = (await rpn.propose({ image, size, maps })).map((value, i) =>
    i % 2 === 0 ? (value * size.width) / image.width : (value * size.height) / image.height,
  );
  const best = proposals.subarray(0, run.proposals.length + 4 * 5); // a few more: ties at the end may go either way
  const found = await detector.detect(image);
  const compared = {
    resized: [size.height, size.width],
    padded: input.shape.slice(1, 3),
    mapShapes: maps.map(({ map }) => map.shape),
    maps: values.map((some, i) => difference(some, run.maps[i]!)),
    anchors: difference(rpn.anchors(maps).boxes, run.anchors),
    proposals: paired(best, run.proposals, 0.05),
    labels: [...found.labels],
    scores: largest(found.scores, run.scores),
    boxes: largest(found.boxes, run.boxes),
  };
  tf.dispose([input, ...maps.map(({ map }) => map)]);
  return compared;
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

function largest(got: Float32Array, expected: readonly number[]): number {
  if (got.length !== expected.length) return Infinity;
  return Math.max(...expected.map((value, i) => Math.abs(value - got[i]!)));
}
