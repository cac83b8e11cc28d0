import { mulberry32 } from '@roikit/geometry';
import { sampleRegions } from '@roikit/heads';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import type { FastRCNN } from '../src';
import type { SampledImage } from '../src/training/fineTunePhase';
import { multiTaskLosses } from '../src/training/multiTaskPhase';
import { gridProposals, squares, tinyDetector } from './scenes';
import { useTestEngine } from '../../engine/test/testEngine';

beforeAll(useTestEngine);

/** Two pictures that the transform brings to one size, and one of another shape with fewer regions. */
async function batchFor(detector: FastRCNN): Promise<SampledImage[]> {
  const random = mulberry32(3);
  const wide = {
    data: Uint8Array.from({ length: 64 * 32 * 3 }, () => 256 * random()),
    width: 64,
    height: 32,
  };
  const samples = [await squares({ count: 2 }).get(0), await squares({ count: 2 }).get(1)];
  const inputs = samples.map(({ image, truth }) => ({ image, truth, count: 16 }));
  const all = [inputs[0]!, { ...inputs[0]!, image: wide, count: 8 }, inputs[1]!];
  return all.map(({ image, truth, count }) => ({
    image,
    targets: sampleRegions(gridProposals(image), truth, { count, coder: detector.parts.coder, random }),
  }));
}

/** Both losses, and the gradient of their sum. */
function evaluate(detector: FastRCNN, batch: readonly SampledImage[]): Float32Array[] {
  const variables = [...detector.variables().values()];
  return tf.tidy(() => {
    const parts: tf.Scalar[] = [];
    const { grads } = tf.variableGrads(() => {
      const { classification, boxRegression } = multiTaskLosses(detector, batch);
      parts.push(tf.keep(classification), tf.keep(boxRegression));
      return tf.add(classification, boxRegression) as tf.Scalar;
    }, variables);
    const values = [...parts, ...variables.map(({ name }) => grads[name]!)].map((tensor) =>
      tensor.dataSync(),
    );
    tf.dispose(parts);
    return values.map((value) => Float32Array.from(value));
  });
}

test('losses of a batch of unlike images: the mean over all regions, and so its gradients', async () => {
  const detector = tinyDetector();
  const batch = await batchFor(detector);
  const weights = batch.map(({ targets }) => targets.labels.length);
  const total = weights.reduce((a, b) => a + b);
  expect(new Set(weights).size).toBe(2);
  const alone = batch.map((input) => evaluate(detector, [input]));
  const together = evaluate(detector, batch);
  together.forEach((values, i) => {
    const mean = values.map((_, k) =>
      alone.reduce((sum, one, n) => sum + (one[i]![k]! * weights[n]!) / total, 0),
    );
    const scale = Math.max(...mean.map(Math.abs));
    values.forEach((value, k) => expect(Math.abs(value - mean[k]!)).toBeLessThan(1e-4 * scale + 1e-7));
  });
  detector.dispose();
});

/** 1 − GIoU of one pair, in float64, by the paper's formula. */
function giouOf(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const area = (box: ArrayLike<number>) => (box[2]! - box[0]!) * (box[3]! - box[1]!);
  const cut = (i: number) => Math.max(0, Math.min(a[i + 2]!, b[i + 2]!) - Math.max(a[i]!, b[i]!));
  const hull = (i: number) => Math.max(a[i + 2]!, b[i + 2]!) - Math.min(a[i]!, b[i]!);
  const union = area(a) + area(b) - cut(0) * cut(1);
  const around = hull(0) * hull(1);
  return 1 - ((cut(0) * cut(1)) / union - (around - union) / around);
}

test('with loss.box giou a region costs 1 − GIoU of its refined box with its object, over all regions', async () => {
  const detector = tinyDetector();
  const [input] = await batchFor(detector);
  const { boxes, boxTargets, labels } = input!.targets;
  const { coder } = detector.parts;
  const { boxRegression } = multiTaskLosses(detector, [input!], { box: 'giou' });
  const { context, dispose } = detector.contextOf(input!.image);
  const [offsets] = await detector.readRegions(context, boxes, (features) => [
    detector.parts.head.logits(features, { training: false }).bboxPred,
  ]);
  dispose();
  const columns = detector.config.classes.length + 1;
  let expected = 0;
  for (const [r, label] of labels.entries()) {
    if (label === 0) continue;
    const region = boxes.subarray(4 * r, 4 * r + 4);
    const own = offsets!.subarray(4 * (r * columns + label), 4 * (r * columns + label) + 4);
    const object = coder.decode(boxTargets.subarray(4 * r, 4 * r + 4), region);
    expected += giouOf(coder.decode(own, region), object) / labels.length;
  }
  expect(expected).toBeGreaterThan(0.01);
  expect(boxRegression.dataSync()[0]).toBeCloseTo(expected, 5);
  detector.dispose();
});
