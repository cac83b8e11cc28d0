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
