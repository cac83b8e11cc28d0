import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { featureExtractor, fuse, loadWeights, mobilenetV1, squeezenet1_1 } from '@roikit/backbones';
import { readImage } from '@roikit/image/node';
import { readStateDict } from '@roikit/weights/node';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { classify, imagenetClasses, preprocess, preprocessings } from '../src';
import { useTestEngine } from '../../engine/test/testEngine';

const shared = '../shared';
const folder = `${shared}/data/imagenet-100`;
const haveImages = existsSync(folder);
const squeezenetFile = `${shared}/weights/squeezenet1_1.safetensors`;
const mobilenetFile = `${shared}/weights/mobilenet_v1_1.0_trunk.safetensors`;
if (!haveImages || !existsSync(squeezenetFile) || !existsSync(mobilenetFile)) {
  console.warn('classify: the shared images or weights are missing; tests on real pictures are skipped');
}

const golden = <T>(name: string) =>
  JSON.parse(readFileSync(new URL(`goldens/${name}`, import.meta.url), 'utf8')) as T;

beforeAll(async () => {
  await useTestEngine();
});

describe('preprocess', () => {
  test('cuts the middle and normalises; a fourth byte is dropped', () => {
    const options = { ...preprocessings.torchvision, resize: 4, crop: 2 };
    const rgba = new Uint8Array(4 * 6 * 4);
    // Height 6, width 4: rows 2 and 3 and columns 1 and 2 stay.
    for (let i = 0; i < 24; i++) rgba.set([i, 2 * i, 255, 99], i * 4);
    const got = preprocess({ data: rgba, width: 4, height: 6 }, options);
    expect(got.shape).toEqual([1, 2, 2, 3]);
    const want = [9, 10, 13, 14].flatMap((i) => [
      (i / 255 - 0.485) / 0.229,
      ((2 * i) / 255 - 0.456) / 0.224,
      (1 - 0.406) / 0.225,
    ]);
    got.dataSync().forEach((value, i) => expect(value).toBeCloseTo(want[i]!, 5));
    expect(() => preprocess({ data: new Uint8Array(7), width: 2, height: 2 })).toThrow(
      'data of a 2×2 image must have 12 (RGB) or 16 (RGBA) bytes, got 7',
    );
    got.dispose();
  });
});

describe('classify', () => {
  const image = { data: new Uint8Array(5 * 4 * 3).fill(90), width: 5, height: 4 };
  const logits = [0, 3, 1];
  const model = (extra: number) => ({
    predict: (images: tf.Tensor4D) =>
      extra === 0
        ? tf.tensor2d([logits])
        : [tf.tensor2d([logits]), ...Array.from({ length: extra }, () => tf.zeros([images.shape[0], 3]))],
  });

  test.each([0, 1, 2])('of a network with %i outputs more the first counts', async (extra) => {
    const before = tf.memory().numTensors;
    const found = await classify(model(extra), image, { topK: 2, classNames: ['a', 'b', 'c'] });
    const sum = logits.reduce((total, logit) => total + Math.exp(logit), 0);
    expect(found.map(({ className }) => className)).toEqual(['b', 'c']);
    expect(found[0]!.score).toBeCloseTo(Math.exp(3) / sum, 5);
    expect(tf.memory().numTensors).toBe(before);
  });

  test('what is no picture, no number of classes and no preprocessing is named', async () => {
    await expect(classify(model(0), image, { topK: -1 })).rejects.toThrow(
      'classify: topK must be a whole number from 1 on, got -1',
    );
    await expect(classify(model(0), 'a.jpg' as never)).rejects.toThrow(
      "preprocess: image must be { data, width, height }, got the text 'a.jpg'",
    );
    await expect(classify(model(0), image, { preprocessing: 'torchvision' as never })).rejects.toThrow(
      'preprocess: options must be an object such as preprocessings.torchvision, got torchvision',
    );
  });
});

describe('Caffe’s preprocessing', () => {
  test('blue first, the mean pixel subtracted, 0 … 255', () => {
    const data = Uint8Array.from({ length: 224 * 224 * 3 }, (_, i) => [200, 100, 50][i % 3]!);
    const got = preprocess(
      { data, width: 224, height: 224 },
      { ...preprocessings.caffe, resize: 224 },
    ).dataSync();
    [50 - 103.939, 100 - 116.779, 200 - 123.68].forEach((value, c) => expect(got[c]).toBeCloseTo(value, 3));
  });
});

describe('class names', () => {
  test.skipIf(!haveImages)('a thousand, in the order of the shared images’ class ids', () => {
    expect(imagenetClasses).toHaveLength(1000);
    const wnids = readFileSync(`${folder}/wnids.txt`, 'utf8').trim().split('\n');
    const plain = (name: string) => name.toLowerCase().replace(/[^a-z]/g, '');
    // The files' names and torchvision's are two selections of WordNet's synonyms; most agree.
    const files = readdirSync(folder).filter((name) => name.endsWith('.JPEG'));
    const same = files.filter((file) => {
      const [, wnid, name] = /^(n\d+)_(.*)\.JPEG$/.exec(file) as unknown as [string, string, string];
      const ours = plain(imagenetClasses[wnids.indexOf(wnid)]!);
      return plain(name).includes(ours) || ours.includes(plain(name));
    });
    expect(files).toHaveLength(100);
    expect(same.length).toBeGreaterThanOrEqual(90);
  });
});

interface ImageNet100 {
  top1: number;
  top5: number;
  images: Record<string, { truth: number; labels: number[]; logits: number[] }>;
}

describe('real weights on real pictures', () => {
  test.skipIf(!haveImages || !existsSync(squeezenetFile))(
    'SqueezeNet 1.1 says of each ImageNet picture what PyTorch says',
    async () => {
      const { top1, top5, images } = golden<ImageNet100>('imagenet100.json');
      const model = squeezenet1_1();
      loadWeights(model, await readStateDict(squeezenetFile));
      const fused = fuse(model);
      const tensors = tf.memory().numTensors;
      let [hits1, hits5, sameTop1, sameTop5] = [0, 0, 0, 0];
      for (const [file, { truth, labels }] of Object.entries(images)) {
        const found = await classify(fused, await readImage(`${folder}/${file}`));
        const got = found.map(({ label }) => label);
        if (got[0] === truth) hits1++;
        if (got.includes(truth)) hits5++;
        if (got[0] === labels[0]) sameTop1++;
        if (got.join() === labels.join()) sameTop5++;
        expect(found[0]!.className).toBe(imagenetClasses[got[0]!]);
      }
      expect(tf.memory().numTensors).toBe(tensors);
      expect({ hits1, hits5, sameTop1 }).toEqual({ hits1: top1, hits5: top5, sameTop1: 100 });
      expect(sameTop5).toBeGreaterThanOrEqual(97); // fifth places can be a hair apart, and JPEG decoders round apart
      fused.dispose();
      model.dispose();
    },
  );

  test.skipIf(!haveImages || !existsSync(mobilenetFile))(
    'the MobileNet V1 trunk loads by Keras names, and its maps have the means its batch norms keep',
    async () => {
      const model = mobilenetV1({ includeTop: false });
      const state = await readStateDict(mobilenetFile);
      const { missing, unexpected } = loadWeights(model, state, { source: 'keras', strict: false });
      expect(unexpected).toEqual([]);
      expect(missing.every((key) => /^conv_(dw|pw)_13/.test(key))).toBe(true);
      const layers = ['conv_pw_5', 'conv_pw_11', 'conv_pw_12'];
      const extractor = featureExtractor(model, { layer: layers });
      const files = readdirSync(folder).filter((name) => name.endsWith('.JPEG'));
      const sums = layers.map(
        (layer) => new Float64Array(model.getLayer(`${layer}_bn`).getWeights()[2]!.size),
      );
      for (const file of files.filter((_, i) => i % 5 === 0)) {
        const image = preprocess(await readImage(`${folder}/${file}`), preprocessings.mobilenetV1);
        const means = tf.tidy(() =>
          (extractor.predict(image) as tf.Tensor[]).map((map) => tf.mean(map, [0, 1, 2])),
        );
        means.forEach((mean, i) => mean.dataSync().forEach((value, c) => (sums[i]![c]! += value)));
        tf.dispose([image, means]);
      }
      const correlations = layers.map((layer, i) =>
        correlation(sums[i]!, model.getLayer(`${layer}_bn`).getWeights()[2]!.dataSync()),
      );
      expect(Math.min(...correlations)).toBeGreaterThan(0.995);
      model.dispose();
    },
  );
});

function correlation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const n = a.length;
  const mean = (x: ArrayLike<number>) => Array.from(x).reduce((sum, value) => sum + value, 0) / n;
  const [ma, mb] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    ab += (a[i]! - ma) * (b[i]! - mb);
    aa += (a[i]! - ma) ** 2;
    bb += (b[i]! - mb) ** 2;
  }
  return ab / Math.sqrt(aa * bb);
}
