import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import { maxError, upstream, type RegionOp } from './compare';

interface GoldenCase<Options> {
  options: Options;
  output: number[];
  gradient: number[];
}

/** What goldens/roi_ops.py writes; tensors in NHWC order. */
interface Golden {
  shape: [number, number, number, number];
  spatialScale: number;
  features: number[];
  boxes: number[];
  boxIndices: number[];
  roiPool: GoldenCase<{ output_size: [number, number] }>[];
  roiAlign: GoldenCase<{ output_size: [number, number]; sampling_ratio: number; aligned: boolean }>[];
  wide: { shape: [number, number, number, number]; features: number[]; boxes: number[]; output: number[] };
}

export const golden = JSON.parse(
  readFileSync(new URL('goldens/roi_ops.json', import.meta.url), 'utf8'),
) as Golden;

/** The largest difference from torchvision's output and gradient on the golden input. */
export async function goldenError(
  op: RegionOp,
  expected: { output: number[]; gradient: number[] },
): Promise<number> {
  const features = tf.tensor4d(golden.features, golden.shape);
  const boxes = tf.tensor2d(golden.boxes, [golden.boxIndices.length, 4]);
  const boxIndices = tf.tensor1d(golden.boxIndices, 'int32');
  const output = op(features, boxes, boxIndices);
  const dy = upstream(output.shape);
  const gradient = tf.grad((x) => op(x as tf.Tensor4D, boxes, boxIndices))(features, dy);
  const error = Math.max(
    maxError(await output.data(), expected.output),
    maxError(await gradient.data(), expected.gradient),
  );
  tf.dispose([features, boxes, boxIndices, output, dy, gradient]);
  return error;
}
