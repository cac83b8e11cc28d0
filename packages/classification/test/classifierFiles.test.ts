import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mobilenetV1, shufflenetV2_x0_5, stateDictOf } from '@roikit/backbones';
import { mulberry32 } from '@roikit/geometry';
import { writeSafetensors } from '@roikit/weights';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildNetwork, defaultPreprocessing, networkName, networkNames, preprocessings } from '../src';
import { packClassifier, unpackClassifier, type PreprocessOptions, type TrainedClassifier } from '../src';
import { openClassifier, saveClassifier } from '../src/node';
import { useTestEngine } from '../../engine/test/testEngine';

const folder = mkdtempSync(join(tmpdir(), 'roikit-classifier-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeAll(async () => {
  await useTestEngine();
});

const preprocessing: PreprocessOptions = {
  ...preprocessings.caffe,
  interpolation: 'bicubic',
  resize: 50,
  crop: 40,
};
const classes = ['cat', 'dog', 'eel'];
const trained = (): TrainedClassifier => ({
  model: shufflenetV2_x0_5({ numClasses: 3, inputShape: [40, 40, 3], random: mulberry32(4) }),
  network: 'shufflenetV2_x0_5',
  source: 'torchvision',
  classes,
  preprocessing,
});

describe('a classifier’s files', () => {
  test('hold network, classes, weights and every part of the preprocessing', async () => {
    const { model, ...about } = trained();
    await saveClassifier(join(folder, 'new/classifier'), { model, ...about }, { data: 'pets' });
    const { model: opened, ...read } = await openClassifier(join(folder, 'new/classifier'));
    expect(read).toEqual(about);
    expect(read.preprocessing.order).toBe('bgr');
    expect(await stateDictOf(opened)).toEqual(await stateDictOf(model));
    expect(opened.inputs[0]!.shape).toEqual([null, 40, 40, 3]);
    const json = JSON.parse(readFileSync(join(folder, 'new/classifier/classifier.json'), 'utf8'));
    expect(json.provenance).toEqual({ data: 'pets' });
    model.dispose();
    opened.dispose();
  });

  test('of roikit 0.1 still open', async () => {
    const { model } = trained();
    const { order: _, ...old } = preprocessing;
    const about = { network: 'shufflenetV2_x0_5', source: 'torchvision', classes, preprocessing: old };
    const json = JSON.stringify({ ...about, provenance: { engine: 'wasm', metrics: { top1: 1 } } }, null, 2);
    const opened = await unpackClassifier({
      'classifier.json': new TextEncoder().encode(json + '\n'),
      'weights.safetensors': writeSafetensors(await stateDictOf(model)),
    });
    expect({ ...opened, model: undefined }).toEqual({ ...about, model: undefined });
    expect(await stateDictOf(opened.model)).toEqual(await stateDictOf(model));
    model.dispose();
    opened.model.dispose();
  });

  test('that are damaged are named, and nothing stays in memory', async () => {
    const classifier = trained();
    const at = join(folder, 'damaged');
    await saveClassifier(at, classifier);
    const files = await packClassifier(classifier);
    const about = JSON.parse(new TextDecoder().decode(files['classifier.json']));
    const tensors = tf.memory().numTensors;
    const refused = async (json: string, message: RegExp) => {
      writeFileSync(join(at, 'classifier.json'), json);
      await expect(openClassifier(at)).rejects.toThrow(message);
    };
    await refused(
      '{',
      /damaged can't be loaded \(classifier\.json is no JSON \(.*\)\); copy or train it again/,
    );
    await refused(JSON.stringify({ ...about, classes: ['one'] }), /classifier\.json: .*classes/s);
    await refused(
      JSON.stringify({ ...about, network: 'alexnett' }),
      /there is no network alexnett \(did you mean alexnet\?\); known are alexnet/,
    );
    const other = { ...about, classes: [...classes, 'fox'] };
    await refused(JSON.stringify(other), /fc\.weight/);
    rmSync(join(at, 'weights.safetensors'));
    await refused(JSON.stringify(about), /weights\.safetensors/);
    expect(existsSync(join(at, 'weights.safetensors'))).toBe(false);
    expect(tf.memory().numTensors).toBe(tensors);
    classifier.model.dispose();
  });
});

describe('networks by name', () => {
  test('whatever the capitals, hyphens and underscores', () => {
    expect(['mobilenet_v2', 'Inception-V3', 'SHUFFLENETV2_X0_5'].map(networkName)).toEqual([
      'mobilenetV2',
      'inceptionV3',
      'shufflenetV2_x0_5',
    ]);
    expect(new Set(networkNames.map((name) => networkName(name.toUpperCase())))).toEqual(
      new Set(networkNames),
    );
    expect(() => networkName('resnet19')).toThrow(
      /no network resnet19 \(did you mean resnet18\?\); known are alexnet, caffenet,/,
    );
  });

  test('get the options, and timm’s padding where the weights are timm’s', () => {
    const small = { inputShape: [32, 32, 3] as [number, number, number], numClasses: 5, width: 0.25 };
    const padding = (model: ReturnType<typeof buildNetwork>) =>
      model.layers.map((layer) => JSON.stringify(layer.getConfig())).join();
    const [keras, timm, own] = [
      buildNetwork('mobilenet_v1', { ...small, source: 'keras' }),
      buildNetwork('mobilenetV1', { ...small, source: 'timm' }),
      mobilenetV1({ ...small, padding: 'symmetric' }),
    ];
    expect(padding(timm)).toBe(padding(own));
    expect(padding(keras)).not.toBe(padding(own));
    expect(keras.outputs[0]!.shape).toEqual([null, 5]);
    for (const model of [keras, timm, own]) model.dispose();
  });

  test('bring the preprocessing of their published weights', () => {
    expect(defaultPreprocessing('resnet50')).toBe(preprocessings.torchvision);
    expect(defaultPreprocessing('inception_v3')).toBe(preprocessings.inceptionV3);
    expect(defaultPreprocessing('mobilenetV1')).toBe(preprocessings.mobilenetV1);
    expect(defaultPreprocessing('xception')).toBe(preprocessings.xception);
  });
});
