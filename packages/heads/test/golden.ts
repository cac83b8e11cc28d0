import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { expect } from 'vitest';

export interface GoldenArray {
  shape: number[];
  data: number[];
}

interface PyramidGolden {
  inChannels: number[];
  weights: Record<string, GoldenArray>;
  maps: GoldenArray[];
  outputs: GoldenArray[];
  upstream: GoldenArray[];
  mapGradients: GoldenArray[];
  weightGradients: Record<string, GoldenArray>;
}

/** What goldens/faster_rcnn.py writes. */
interface Golden {
  pyramid: PyramidGolden;
  pyramidBatchNorm: PyramidGolden;
  rpnHead: {
    weights: Record<string, GoldenArray>;
    maps: GoldenArray[];
    objectness: number[];
    offsets: number[];
  }[];
  proposals: {
    anchors: number[];
    anchorsPerLevel: number[];
    objectness: number[];
    offsets: number[];
    imageSize: { width: number; height: number };
    cases: { boxes: number[]; scores: number[] }[];
  };
  training: {
    truth: number[];
    labels: number[];
    boxTargets: number[];
    positive: number[];
    negative: number[];
    otherNegative: number[];
    losses: [number, number];
    objectnessGradient: number[];
    offsetsGradient: number[];
  };
  pooling: {
    maps: GoldenArray[];
    boxes: number[];
    boxIndices: number[];
    scales: number[];
    output: GoldenArray;
    upstream: GoldenArray;
    gradients: GoldenArray[];
  };
  convHead: {
    weights: Record<string, GoldenArray>;
    features: GoldenArray;
    scores: number[];
    offsets: number[];
  };
  levels: { boxes: number[]; levels: number[] };
  giou: { boxes: number[]; targets: number[]; loss: number; gradient: number[] };
  headLoss: {
    logits: number[];
    offsets: number[];
    labels: number[];
    boxTargets: number[];
    losses: [number, number];
    logitsGradient: number[];
    offsetsGradient: number[];
  };
}

export const golden = JSON.parse(
  readFileSync(new URL('goldens/faster_rcnn.json', import.meta.url), 'utf8'),
) as Golden;

export const tensorOf = ({ data, shape }: GoldenArray): tf.Tensor4D =>
  tf.tensor<tf.Rank>(data, shape as [number]) as tf.Tensor4D;

const suffixes = ['weight', 'bias', 'running_mean', 'running_var'];

/** Sets a model's weights by torchvision's names; every one of them must find its layer. */
export function setWeights(model: LayersModel, weights: Record<string, GoldenArray>): void {
  const layers = new Set(Object.keys(weights).map((key) => key.slice(0, key.lastIndexOf('.'))));
  expect([...layers].toSorted()).toEqual(
    model.layers
      .filter(({ weights: own }) => own.length > 0)
      .map(({ name }) => name)
      .toSorted(),
  );
  for (const name of layers) {
    const values = suffixes
      .map((suffix) => weights[`${name}.${suffix}`])
      .filter((value) => value !== undefined);
    model.getLayer(name).setWeights(values.map((value) => tensorOf(value)));
  }
}

/** Within `tolerance` of the largest magnitude expected. */
export function expectClose(got: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  expect(got.length).toBe(expected.length);
  const magnitudes = Array.from(expected, Math.abs);
  const scale = Math.max(1e-30, ...magnitudes);
  // Every difference is a number: a NaN fails.
  const worst = Array.from(got, (value, i) => Math.abs(value - expected[i]!) / scale).reduce(
    (a, b) => (a >= b ? a : b),
    0,
  );
  expect(worst).toBeLessThanOrEqual(tolerance);
}
