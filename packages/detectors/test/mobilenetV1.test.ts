import { featureExtractor, mobilenetV1, stateDictOf } from '@roikit/backbones';
import { mulberry32 } from '@roikit/geometry';
import { readStateDict } from '@roikit/weights/node';
import type { StateDict } from '@roikit/weights';
import * as tf from '@tensorflow/tfjs-core';
import { existsSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { createDetector, resolveConfig, type DetectorKind } from '../src';
import { useTestEngine } from '../../engine/test/testEngine';

// MobileNet V1's weights are Keras's: other names than torchvision's, other pixels.

const file = '../shared/weights/mobilenet_v1_1.0_trunk.safetensors';
if (!existsSync(file)) console.warn('mobilenetV1: the shared weights are missing; a test of them is skipped');

beforeAll(useTestEngine);

const base = { type: 'faster-rcnn', classes: ['a', 'b'], backbone: 'mobilenetV1' } as const;
const PARTS: Record<string, string[]> = {
  Conv2D: ['kernel', 'bias'],
  DepthwiseConv2D: ['depthwise_kernel', 'bias'],
  BatchNormalization: ['gamma', 'beta', 'moving_mean', 'moving_variance'],
};

/** A network's weights as Keras writes them: by layer and part, in TensorFlow's layouts. */
function kerasWeights(model: ReturnType<typeof mobilenetV1>): StateDict {
  return new Map(
    model.layers.flatMap((layer) =>
      layer.getWeights().map((weight, i) => {
        const key = `${layer.name}/${PARTS[layer.getClassName()]![i]}`;
        return [key, { dtype: 'float32', shape: weight.shape, data: weight.dataSync() as Float32Array }];
      }),
    ),
  );
}

/** Statistics and factors of its batch norms are anything but 0 and 1. */
function network(): ReturnType<typeof mobilenetV1> {
  const random = mulberry32(6);
  const model = mobilenetV1({ inputShape: [null, null, 3], includeTop: false, random });
  for (const layer of model.layers.filter((some) => some.getClassName() === 'BatchNormalization')) {
    const values = layer.getWeights().map(({ shape, size }) =>
      tf.tensor(
        Array.from({ length: size }, () => 0.5 + random()),
        shape,
      ),
    );
    layer.setWeights(values);
    tf.dispose(values);
  }
  return model;
}

describe('MobileNet V1', () => {
  test('weights by Keras’s names and by our own make the maps of the network that they are from', async () => {
    const model = network();
    const maps = featureExtractor(model, { layer: ['conv_pw_5_relu', 'conv_pw_11_relu'] });
    const input = tf.randomUniform<tf.Rank.R4>([1, 66, 98, 3], -1, 1, 'float32', 2);
    const want = maps.predict(input) as tf.Tensor[];
    for (const backboneWeights of [kerasWeights(model), await stateDictOf(model)]) {
      const detector = createDetector({ ...base, backboneWeights, random: mulberry32(1) });
      const got = detector.parts.backbone.trunk.predict(input) as tf.Tensor[];
      for (const [i, map] of want.entries()) {
        expect(tf.max(tf.abs(tf.sub(map, got[i]!))).dataSync()[0]).toBeLessThan(1e-5);
      }
      expect(tf.max(want[1]!).dataSync()[0]).toBeGreaterThan(0);
      tf.dispose(got);
      detector.dispose();
    }
    tf.dispose([input, ...want]);
    model.dispose();
  });

  test.each(['rcnn', 'spp-net', 'fast-rcnn', 'faster-rcnn'] satisfies DetectorKind[])(
    '%s gives it pixels of -1 to 1, as its weights were trained on; other networks the ImageNet means',
    (type) => {
      const { mean, std } = resolveConfig({ ...base, type }).transform;
      const limits = [0, 1].map((value) => mean.map((m, c) => (value - m) / std[c]!));
      expect(limits).toEqual([
        [-1, -1, -1],
        [1, 1, 1],
      ]);
      expect(resolveConfig({ ...base, type, backbone: 'mobilenetV2' }).transform.mean[0]).toBe(0.485);
      const given = { mean: [0, 0, 0] as [number, number, number] };
      expect(resolveConfig({ ...base, type, transform: given }).transform.mean).toEqual([0, 0, 0]);
    },
  );

  test.skipIf(!existsSync(file))('the published trunk is all that a detector needs', async () => {
    const backboneWeights = await readStateDict(file);
    const detector = createDetector({ ...base, backboneWeights, random: mulberry32(1) });
    const kept = (await detector.stateDict()).get('backbone.body.conv_pw_11_bn.running_mean')!;
    expect(kept.data).toEqual(backboneWeights.get('conv_pw_11_bn/moving_mean')!.data);
    detector.dispose();
  });
});
