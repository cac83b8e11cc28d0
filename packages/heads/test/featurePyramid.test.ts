import { useEngine } from '@roikit/engine';
import { mulberry32 } from '@roikit/geometry';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { featurePyramid } from '../src';
import { nodeBackends } from './backends';
import { expectClose, golden, setWeights, tensorOf } from './golden';

const kinds = [
  ['plain', golden.pyramid, false],
  ['with batch norm', golden.pyramidBatchNorm, true],
] as const;
const cases = (await nodeBackends()).flatMap((backend) => kinds.map((kind) => [backend, ...kind] as const));

describe.each(cases)('featurePyramid on %s, %s', (backend, _, expected, batchNorm) => {
  beforeAll(async () => {
    await useEngine(backend);
  });

  const open = () => {
    const fpn = featurePyramid({ inChannels: expected.inChannels, outChannels: 6, batchNorm });
    setWeights(fpn, expected.weights);
    return { fpn, maps: expected.maps.map(tensorOf) };
  };

  test("torchvision's maps, from maps whose sides are not all twice the next", () => {
    const { fpn, maps } = open();
    const outputs = fpn.predict(maps) as tf.Tensor[];
    expect(outputs.map(({ shape }) => shape)).toEqual(expected.outputs.map(({ shape }) => shape));
    outputs.forEach((output, i) => expectClose(output.dataSync(), expected.outputs[i]!.data, 1e-5));
  });

  test("torchvision's gradients of maps and weights", () => {
    const { fpn, maps } = open();
    const variables = fpn.trainableWeights.map((weight) => weight.read() as tf.Variable);
    const loss = (inputs: tf.Tensor[]) => {
      const outputs = fpn.apply(inputs) as tf.Tensor[];
      const parts = outputs.map((output, i) => tf.sum(tf.mul(output, tensorOf(expected.upstream[i]!))));
      return tf.addN(parts) as tf.Scalar;
    };
    const gradients = tf.grads((...inputs: tf.Tensor[]) => loss(inputs))(maps);
    gradients.forEach((g, i) => expectClose(g.dataSync(), expected.mapGradients[i]!.data, 1e-5));
    const { grads } = tf.variableGrads(() => loss(maps), variables);
    const names = Object.keys(expected.weightGradients);
    expect(variables.length).toBe(names.length);
    for (const layer of fpn.layers.filter(({ weights }) => weights.length > 0)) {
      layer.trainableWeights.forEach((weight, i) => {
        const key = `${layer.name}.${['weight', 'bias'][i]}`;
        expectClose(
          grads[(weight.read() as tf.Variable).name]!.dataSync(),
          expected.weightGradients[key]!.data,
          1e-5,
        );
      });
    }
  });
});

test('featurePyramid: 256 channels and a last level by default, no bias under a batch norm', () => {
  const fpn = featurePyramid({ inChannels: [2, 3] });
  expect(fpn.outputs.map(({ shape }) => shape.at(-1))).toEqual([256, 256, 256]);
  expect(fpn.countParams()).toBe(2 * 256 + 3 * 256 + 2 * 9 * 256 * 256 + 4 * 256);
  const v2 = featurePyramid({ inChannels: [2, 3], outChannels: 4, batchNorm: true, lastLevel: false });
  expect(v2.outputs.length).toBe(2);
  expect(v2.countParams()).toBe(2 * 4 + 3 * 4 + 2 * 9 * 16 + 4 * 4 * 4);
});

test("featurePyramid: a batch norm's statistics move by a tenth each step, as PyTorch's", () => {
  const fpn = featurePyramid({ inChannels: [3], outChannels: 2, batchNorm: true });
  fpn.getLayer('inner_blocks.0.0').setWeights([tf.ones([1, 1, 3, 2])]);
  fpn.apply(tf.ones([2, 4, 5, 3]), { training: true });
  const [, , mean] = fpn.getLayer('inner_blocks.0.1').getWeights();
  expectClose(mean!.dataSync(), [0.3, 0.3], 1e-6);
});

test('featurePyramid: first weights are U(±√(3 / fan in)), the same for the same seed', () => {
  const draw = (seed: number) =>
    featurePyramid({ inChannels: [300, 7], outChannels: 20, random: mulberry32(seed) })
      .getLayer('inner_blocks.0.0')
      .getWeights()
      .map((weight) => weight.dataSync());
  const [kernel, bias] = draw(1);
  const largest = Math.max(...Array.from(kernel!, Math.abs));
  expect(largest).toBeLessThanOrEqual(0.1);
  expect(largest).toBeGreaterThan(0.099);
  expect(bias).toEqual(new Float32Array(20));
  expect(draw(1)[0]).toEqual(kernel);
  expect(draw(2)[0]).not.toEqual(kernel);
});

test('featurePyramid: a batch of one picture has gradients', () => {
  const model = featurePyramid({ inChannels: [1, 1], outChannels: 1, random: mulberry32(1) });
  const maps = [tf.ones([1, 3, 5, 1]), tf.ones([1, 2, 3, 1])];
  const gradients = tf.grads((...inputs: tf.Tensor[]) =>
    tf.addN((model.apply(inputs) as tf.Tensor[]).map((map) => tf.sum(map))),
  )(maps);
  expect(gradients.map(({ shape }) => shape)).toEqual(maps.map(({ shape }) => shape));
  expect(gradients[1]!.dataSync().some((value) => value !== 0)).toBe(true);
});

test('featurePyramid: no map, or no channel, is an error', () => {
  expect(() => featurePyramid({ inChannels: [] })).toThrow(
    'featurePyramid: inChannels and outChannels must be',
  );
  expect(() => featurePyramid({ inChannels: [3], outChannels: 0 })).toThrow('got [3] and 0');
});
