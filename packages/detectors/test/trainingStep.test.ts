import { mulberry32 } from '@roikit/geometry';
import type { RgbImage } from '@roikit/image';
import type { StateDict } from '@roikit/weights';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { bindings } from '../../backbones/src/sources/bindings';
import { seededValues, signed } from '../../backbones/test/seeded';
import { useTestEngine } from '../../engine/test/testEngine';
import { createDetector, type FastRCNN } from '../src';
import type { SampledImage } from '../src/training/fineTunePhase';
import { multiTaskLosses } from '../src/training/multiTaskPhase';

// One training step against plain PyTorch: goldens/training_step.py.

interface Golden {
  pictures: {
    width: number;
    height: number;
    boxes: number[][];
    labels: number[];
    objects: (number[] | null)[];
  }[];
  losses: { classification: number; boxRegression: number };
  gradients: Record<string, { rms: number; values: number[] }>;
}

const golden = JSON.parse(
  readFileSync(new URL('goldens/training_step.json', import.meta.url), 'utf8'),
) as Golden;

beforeAll(useTestEngine);

async function seededDetector(): Promise<FastRCNN> {
  const detector = createDetector({
    type: 'fast-rcnn',
    classes: ['a', 'b'],
    backbone: { name: 'squeezenet1_1', layers: ['features.3'], frozenThrough: null },
    neck: null,
    transform: { minSize: 60, maxSize: 90 },
    proposals: 'precomputed',
    regions: { outputSize: [3, 3] },
    head: { hidden: [24] },
    random: mulberry32(1),
  });
  const seeded: StateDict = new Map();
  for (const [name, tensor] of await detector.stateDict())
    seeded.set(name, { ...tensor, data: seededValues(name, tensor.shape, 1) });
  detector.load(seeded);
  return detector;
}

function sampled(detector: FastRCNN): SampledImage[] {
  return golden.pictures.map(({ width, height, boxes, labels, objects }, number) => {
    const values = signed(`picture${number}`, width * height * 3);
    const image: RgbImage = { data: Uint8Array.from(values, (v) => 127.5 + 127.5 * v), width, height };
    const regions = Float32Array.from(boxes.flat());
    const matched = Float32Array.from(objects.flatMap((object, i) => object ?? boxes[i]!));
    const boxTargets = detector.parts.coder.encode(matched, regions);
    return { image, targets: { boxes: regions, labels: Int32Array.from(labels), boxTargets } };
  });
}

/** Under PyTorch's names, in its order of values. */
function gradients(model: LayersModel, prefix: string, grads: tf.NamedTensorMap): [string, Float32Array][] {
  return bindings(model, 'torchvision').flatMap(({ layer, parameters }) =>
    layer.weights.map((weight, i): [string, Float32Array] => {
      const { key, encode } = parameters[i]!;
      const { name } = (weight as unknown as { val: tf.Variable }).val;
      return [prefix + key, encode(grads[name]!.dataSync() as Float32Array)];
    }),
  );
}

/** Of the root mean squares, and of the values against the largest. */
function difference(own: Float32Array, { rms, values }: Golden['gradients'][string]): number {
  const ownRms = Math.sqrt(own.reduce((sum, value) => sum + value * value, 0) / own.length);
  const largest = Math.max(rms, ...values.map(Math.abs));
  const at = (i: number) => own[Math.floor((i * (own.length - 1)) / (values.length - 1))]!;
  return Math.max(Math.abs(ownRms / rms - 1), ...values.map((value, i) => Math.abs(at(i) - value) / largest));
}

test('a step of Fast R-CNN has the losses and every gradient of its PyTorch twin', async () => {
  const detector = await seededDetector();
  const batch = sampled(detector);
  const terms: Record<string, number> = {};
  const variables = [...detector.variables().values()];
  const { grads } = tf.variableGrads(() => {
    const { classification, boxRegression } = multiTaskLosses(detector, batch);
    Object.assign(terms, {
      classification: classification.dataSync()[0],
      boxRegression: boxRegression.dataSync()[0],
    });
    return tf.add(classification, boxRegression) as tf.Scalar;
  }, variables);

  expect(Object.keys(terms)).toEqual(Object.keys(golden.losses));
  const lossErrors = Object.entries(golden.losses).map(([name, value]) => Math.abs(terms[name]! / value - 1));
  expect(Math.max(...lossErrors)).toBeLessThan(1e-5);

  const { backbone, head } = detector.parts;
  const got = new Map([
    ...gradients(backbone.trunk, 'backbone.body.', grads),
    ...gradients(head.model, 'head.', grads),
  ]);
  expect([...got.keys()].toSorted()).toEqual(Object.keys(golden.gradients).toSorted());
  const far = Object.entries(golden.gradients).filter(
    ([name, expected]) => !(difference(got.get(name)!, expected) < 1e-3),
  );
  expect(far).toEqual([]);
  tf.dispose(grads);
  detector.dispose();
});
