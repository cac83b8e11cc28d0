import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { roiPool } from '../src';
import { nodeBackends } from './backends';
import { expectClose, upstream, type Golden } from './golden';

const golden = JSON.parse(readFileSync(new URL('goldens/roi_ops.json', import.meta.url), 'utf8')) as Golden;

describe.each(await nodeBackends())('roiPool on %s', (backend) => {
  beforeAll(async () => {
    await tf.setBackend(backend);
  });

  it.each(golden.roiPool)('agrees with torchvision, forward and backward: $options', async (expected) => {
    const before = tf.memory().numTensors;
    const features = tf.tensor4d(golden.features, golden.shape);
    const boxes = tf.tensor2d(golden.boxes, [golden.boxIndices.length, 4]);
    const boxIndices = tf.tensor1d(golden.boxIndices, 'int32');
    const pool = (x: tf.Tensor4D) =>
      roiPool(x, boxes, boxIndices, {
        outputSize: expected.options.output_size,
        spatialScale: golden.spatialScale,
      });
    const output = pool(features);
    expectClose(await output.data(), expected.output, 1e-5);
    const dy = upstream(output.shape);
    const gradient = tf.grad(pool as (x: tf.Tensor) => tf.Tensor)(features, dy);
    expectClose(await gradient.data(), expected.gradient, 1e-5);
    tf.dispose([features, boxes, boxIndices, output, dy, gradient]);
    expect(tf.memory().numTensors).toBe(before);
  });
});
