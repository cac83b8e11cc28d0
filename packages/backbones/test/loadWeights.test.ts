import { toFloat32 } from '@roikit/weights';
import { beforeAll, describe, expect, test } from 'vitest';
import * as b from '../src';
import { loadWeights, stateDictOf } from '../src';
import { seededStateDict } from './seeded';
import { useTestEngine } from '../../engine/test/testEngine';

beforeAll(useTestEngine);

describe('loadWeights', () => {
  test('a source that is none, and weights that nobody waited for, are named', () => {
    const model = b.squeezenet1_1({ numClasses: 3, inputShape: [64, 64, 3] });
    const load = (weights: unknown, source?: string) => () =>
      loadWeights(model, weights as ReturnType<typeof seededStateDict>, { source: source as 'timm' });
    expect(load(new Map(), 'pytorch')).toThrow(
      'loadWeights: source must be one of torchvision, timm, keras, got pytorch',
    );
    expect(load(Promise.resolve(new Map()))).toThrow('of @roikit/weights gives, got Promise; await it');
    expect(load({})).toThrow(/of @roikit\/weights gives, got Object$/);
    model.dispose();
  });

  test('names missing, unexpected and mis-shaped keys together, and changes nothing', async () => {
    const model = b.squeezenet1_1({ numClasses: 3, inputShape: [64, 64, 3] });
    const state = seededStateDict(model, 1);
    const wrong = new Map(state);
    wrong.delete('features.0.bias');
    wrong.set('extra.weight', { dtype: 'float32', shape: [1], data: new Float32Array(1) });
    wrong.set('classifier.1.bias', { dtype: 'float32', shape: [4], data: new Float32Array(4) });
    expect(() => loadWeights(model, wrong)).toThrow(
      /does not fit squeezenet1_1:\n {2}missing \(1\): features\.0\.bias\n {2}unexpected \(1\): extra\.weight\n {2}mis-shaped \(1\): classifier\.1\.bias is \[4\], expected \[3\]/,
    );
    const untouched = await stateDictOf(model);
    const kernel = toFloat32(untouched.get('features.0.weight') ?? expect.fail());
    expect(kernel.every((value) => value === 0)).toBe(true);
    wrong.delete('classifier.1.bias');
    expect(loadWeights(model, wrong, { strict: false })).toEqual({
      missing: ['features.0.bias', 'classifier.1.bias'],
      unexpected: ['extra.weight'],
    });
    model.dispose();
  });

  test('Keras’s names where Keras has the network, an error where not', () => {
    const densenet = b.densenet121({ numClasses: 4, inputShape: [32, 32, 3] });
    const names = [...seededStateDict(densenet, 1, 'keras').keys()];
    // Names in Keras Applications’ densenet.py.
    for (const name of [
      'conv1/conv/kernel',
      'conv1/bn/gamma',
      'conv2_block1_0_bn/beta',
      'conv5_block16_2_conv/kernel',
      'pool4_conv/kernel',
      'bn/moving_mean',
      'predictions/bias',
    ]) {
      expect(names).toContain(name);
    }
    loadWeights(
      densenet,
      new Map(
        [...seededStateDict(densenet, 1, 'keras')].map(([key, tensor]) => [
          `${key.slice(0, key.lastIndexOf('/'))}/${key}:0`,
          tensor,
        ]),
      ),
      { source: 'keras' },
    );
    densenet.dispose();
    const vgg = b.vgg16({ includeTop: false });
    expect([...seededStateDict(vgg, 1, 'keras').keys()].filter((name) => name.endsWith('kernel'))).toEqual(
      'block1_conv1 block1_conv2 block2_conv1 block2_conv2 block3_conv1 block3_conv2 block3_conv3 block4_conv1 block4_conv2 block4_conv3 block5_conv1 block5_conv2 block5_conv3'
        .split(' ')
        .map((name) => `${name}/kernel`),
    );
    vgg.dispose();
    const mobilenet = b.mobilenetV2({ numClasses: 4, padding: 'keras' });
    const kernels = [...seededStateDict(mobilenet, 1, 'keras').keys()].filter((name) =>
      name.endsWith('kernel'),
    );
    // Names and order in Keras Applications’ mobilenet_v2.py.
    expect(kernels.slice(0, 6)).toEqual(
      'Conv1/kernel expanded_conv_depthwise/depthwise_kernel expanded_conv_project/kernel block_1_expand/kernel block_1_depthwise/depthwise_kernel block_1_project/kernel'.split(
        ' ',
      ),
    );
    expect(kernels.slice(-3)).toEqual(['block_16_project/kernel', 'Conv_1/kernel', 'predictions/kernel']);
    const norms = [...seededStateDict(mobilenet, 1, 'keras').keys()].filter((name) => name.endsWith('gamma'));
    expect(norms.slice(0, 4)).toEqual(
      'bn_Conv1 expanded_conv_depthwise_BN expanded_conv_project_BN block_1_expand_BN'
        .split(' ')
        .map((name) => `${name}/gamma`),
    );
    expect(mobilenet.layers.filter((layer) => layer.getClassName() === 'ZeroPadding2D')).toEqual([]);
    loadWeights(mobilenet, seededStateDict(mobilenet, 1, 'keras'), { source: 'keras' });
    expect((mobilenet.getLayer('features.0.1') as unknown as { epsilon: number }).epsilon).toBe(1e-3);
    mobilenet.dispose();
    const resnet = b.resnet18({ includeTop: false });
    expect(() => loadWeights(resnet, new Map(), { source: 'keras' })).toThrow(/resnet18 cannot take Keras/);
    resnet.dispose();
  });
});
