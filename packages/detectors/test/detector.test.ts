import { alexnet, featureExtractor, stateDictOf } from '@roikit/backbones';
import { boxIou, mulberry32 } from '@roikit/geometry';
import type { StateDict } from '@roikit/weights';
import * as tf from '@tensorflow/tfjs-core';
import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  createDetector,
  type CreateDetectorOptions,
  type GeneralizedRCNN,
  loadDetector as loadFromFiles,
  packDetector,
  resolveConfig,
  unpackDetector,
} from '../src';
import { cachedProposals, loadDetector, saveDetector } from '../src/node';
import { BACKBONES } from '../src/backbone/backbones';
import { freezeThrough } from '../src/modelPart';
import { receptiveField } from '../src/backbone/receptiveField';
import { useTestEngine } from '../../engine/test/testEngine';
import { gridProposals, squares, tinyDetector } from './scenes';

/** AlexNet's two hidden layers, 256 → 4 → 4. */
function squareWeights(): StateDict {
  const random = mulberry32(4);
  const tensor = (...shape: number[]) => ({
    dtype: 'float32' as const,
    shape,
    data: Float32Array.from({ length: shape.reduce((a, b) => a * b) }, random),
  });
  return new Map([
    ['classifier.1.weight', tensor(4, 256)],
    ['classifier.1.bias', tensor(4)],
    ['classifier.4.weight', tensor(4, 4)],
    ['classifier.4.bias', tensor(4)],
  ]);
}

let folder: string;
beforeAll(async () => {
  await useTestEngine();
  folder = await mkdtemp(join(tmpdir(), 'roikit-'));
});
afterAll(() => rm(folder, { recursive: true }));

const scene = async () => (await squares({ count: 1 }).get(0)).image;

describe('detect', () => {
  test('takes the boxes it is given, keeps within the image and the limits, best first', async () => {
    const detector = tinyDetector();
    const image = await scene();
    const options = { proposals: gridProposals(image), scoreThreshold: 0, maxDetections: 9 };
    const { boxes, scores, labels, timings } = await detector.detect(image, options);
    expect(scores.length).toBe(9);
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
    expect(boxes.every((value) => value >= 0 && value <= 64)).toBe(true);
    expect(labels.every((label) => label === 1 || label === 2)).toBe(true);
    expect(Object.values(timings).every((ms) => ms >= 0)).toBe(true);
    detector.dispose();
  });

  test("searches by itself unless it was made with 'precomputed'", async () => {
    const image = await scene();
    const own = tinyDetector({ proposals: { mode: 'single' } });
    expect((await own.detect(image, { scoreThreshold: 0 })).scores.length).toBeGreaterThan(0);
    await expect(tinyDetector().detect(image)).rejects.toThrow(/pass them as options.proposals/);
  });

  test('no proposal, no detection; a picture of the wrong size is refused', async () => {
    const detector = tinyDetector();
    const image = await scene();
    const none = await detector.detect(image, { proposals: new Float32Array(0) });
    expect(none.scores.length).toBe(0);
    const short = { ...image, data: image.data.subarray(1) };
    await expect(detector.detect(short, { proposals: gridProposals(image) })).rejects.toThrow(
      /3 or 4 bytes a pixel/,
    );
  });

  test('a picture twice as large gives the same detections in its own pixels', async () => {
    const detector = tinyDetector();
    const image = await scene();
    const data = new Uint8Array(4 * image.data.length);
    for (let y = 0; y < 128; y++) {
      for (let x = 0; x < 128; x++) {
        const from = ((y >> 1) * 64 + (x >> 1)) * 3;
        data.set(image.data.subarray(from, from + 3), (y * 128 + x) * 3);
      }
    }
    const proposals = gridProposals(image);
    const small = await detector.detect(image, { proposals, scoreThreshold: 0, maxDetections: 5 });
    const double = { data, width: 128, height: 128 };
    const large = await detector.detect(double, {
      proposals: proposals.map((value) => 2 * value),
      scoreThreshold: 0,
      maxDetections: 5,
    });
    const iou = boxIou(
      small.boxes.map((value) => 2 * value),
      large.boxes,
    );
    for (let i = 0; i < 5; i++) expect(iou[6 * i]).toBeGreaterThan(0.95);
  });

  test('nmsThreshold: what is kept overlaps by no more', async () => {
    const detector = tinyDetector();
    const image = await scene();
    const options = { proposals: gridProposals(image), scoreThreshold: 0, maxDetections: 1000 };
    const [all, few] = [
      await detector.detect(image, { ...options, nmsThreshold: 1 }),
      await detector.detect(image, { ...options, nmsThreshold: 0.1 }),
    ];
    expect(few.labels.length).toBeLessThan(all.labels.length);
    const n = few.labels.length;
    const iou = boxIou(few.boxes, few.boxes);
    for (let i = 0; i < n; i++)
      for (let j = 0; j < i; j++)
        if (few.labels[i] === few.labels[j]) expect(iou[i * n + j]).toBeLessThanOrEqual(0.1);
  });

  test('leaves no tensor behind', async () => {
    const detector = tinyDetector();
    const image = await scene();
    await detector.detect(image, { proposals: gridProposals(image) });
    const before = tf.memory().numTensors;
    for (let i = 0; i < 20; i++) await detector.detect(image, { proposals: gridProposals(image) });
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('files', () => {
  test('saved and loaded, a detector says the same; a browser reads the same two files', async () => {
    const detector = tinyDetector();
    const image = await scene();
    const options = { proposals: gridProposals(image), scoreThreshold: 0 };
    const { timings: _, ...expected } = await detector.detect(image, options);
    await saveDetector(detector, join(folder, 'a'), { metrics: { ap50: 0.5 } });
    const files = await Promise.all(
      ['detector.json', 'weights.safetensors'].map(
        async (name) => new File([await readFile(join(folder, 'a', name))], name),
      ),
    );
    for (const loaded of [await loadDetector(join(folder, 'a')), await loadFromFiles(files)]) {
      const { timings: __, ...got } = await loaded.detect(image, options);
      expect(got).toEqual(expected);
      expect(loaded.config).toEqual(detector.config);
    }
    expect(JSON.parse(await readFile(join(folder, 'a', 'detector.json'), 'utf8')).metrics).toEqual({
      ap50: 0.5,
    });
  });

  test('float16 halves the weights and moves scores by little', async () => {
    const detector = tinyDetector();
    const image = await scene();
    const options = { proposals: gridProposals(image), scoreThreshold: 0 };
    const [full, half] = [await packDetector(detector), await packDetector(detector, { dtype: 'float16' })];
    const sizes = [full, half].map((files) => files['weights.safetensors'].length);
    expect(sizes[1]! / sizes[0]!).toBeLessThan(0.55);
    const expected = await detector.detect(image, options);
    const got = await (await unpackDetector(half)).detect(image, options);
    expect(got.scores[0]).toBeCloseTo(expected.scores[0]!, 2);
  });

  test('what is wrong with a folder is said', async () => {
    await expect(loadDetector(join(folder, 'nowhere'))).rejects.toThrow(
      /nowhere has no readable detector.json; give/,
    );
    await saveDetector(tinyDetector(), join(folder, 'b'));
    const path = join(folder, 'b', 'detector.json');
    const manifest = JSON.parse(await readFile(path, 'utf8'));
    await writeFile(path, JSON.stringify({ ...manifest, formatVersion: 9 }));
    await expect(loadDetector(join(folder, 'b'))).rejects.toThrow(/formatVersion 1 or 2, got 9/);
    manifest.config.head.hidden = [16];
    await writeFile(path, JSON.stringify(manifest));
    await expect(loadDetector(join(folder, 'b'))).rejects.toThrow(/fc6/);
  });

  test('cachedProposals searches an image once, and again where image or parameters differ', async () => {
    let calls = 0;
    const source = (image: Parameters<typeof gridProposals>[0]) => {
      calls++;
      return gridProposals(image);
    };
    const cache = (parameters: unknown) =>
      cachedProposals(source, { folder: join(folder, 'cache'), parameters });
    const image = await scene();
    const first = await cache({ mode: 'fast' })(image);
    expect(await cache({ mode: 'fast' })(image)).toEqual(first);
    expect(calls).toBe(1);
    await cache({ mode: 'quality' })(image);
    await cache({ mode: 'fast' })({ ...image, data: image.data.map((value) => value ^ 1) });
    expect(calls).toBe(3);
  });
});

describe('createDetector', () => {
  const base = { type: 'fast-rcnn', classes: ['a'], backbone: 'squeezenet1_1' } as const;

  test('defaults are those of docs/defaults.md', () => {
    const config = resolveConfig(base);
    expect(config.transform).toEqual({
      minSize: 480,
      maxSize: 800,
      mean: [0.485, 0.456, 0.406],
      std: [0.229, 0.224, 0.225],
    });
    expect(config.backbone.layers).toEqual(['features.7', 'features.12']);
    expect(config.neck).toEqual({ channels: 96 });
    expect(config.proposals).toEqual({ mode: 'fast', maxProposals: 2000, nmsThreshold: 1, maxSize: 800 });
    expect(config.regions.outputSize).toEqual([7, 7]);
    expect(config.head).toEqual({ hidden: [256], dropout: 0 });
    expect(config.boxCoder.weights).toEqual([10, 10, 5, 5]);
    expect(config.postprocess).toEqual({
      scoreThreshold: 0.05,
      nmsThreshold: 0.4,
      softNms: { method: 'linear' },
      maxDetections: 100,
      boxVoting: { iouThreshold: 0.8 },
    });
  });

  test("VGG16 keeps the paper's one map and its own fully connected layers", () => {
    const config = resolveConfig({ ...base, backbone: 'vgg16' });
    expect(config.backbone.layers).toEqual(['features.28']);
    expect(config.neck).toBe(null);
    expect(config.head.hidden).toEqual([4096, 4096]);
  });

  test('without a neck the deepest map is used alone', () => {
    expect(resolveConfig({ ...base, neck: null }).backbone.layers).toEqual(['features.12']);
  });

  test('random weights are all trained, ImageNet ones from the second stage on', () => {
    expect(resolveConfig(base, { pretrained: false }).backbone.frozenThrough).toBe(null);
    expect(resolveConfig(base, { pretrained: true }).backbone.frozenThrough).toBe('features.5');
  });

  test.each(Object.entries(BACKBONES))(
    '%s: its deepest map has stride 16, one beside it half of that, its frozen module exists',
    (_, entry) => {
      const model = entry.build({ inputShape: [null, null, 3], includeTop: false }); // without weights: quick
      const { outputs } = featureExtractor(model, { layer: [...entry.layers] });
      const strides = outputs.map((output) => receptiveField(output as SymbolicTensor).stride);
      expect(strides).toEqual(entry.neck ? [8, 16] : [16]);
      expect(() => freezeThrough(model, entry.frozenThrough)).not.toThrow();
      model.dispose();
    },
  );

  test.each(['alexnet', 'mobilenetV2', 'resnet18'] as const)(
    '%s: detects; its batch norms keep still',
    async (name) => {
      const options = { ...base, backbone: name, transform: { minSize: 64, maxSize: 64 } };
      const head = { regions: { outputSize: [2, 2] as [number, number] }, head: { hidden: [8] } };
      const detector = createDetector({ ...options, ...head, random: mulberry32(1) });
      const batchNorms = detector.parts.backbone.trunk.layers.filter(
        (layer) => layer.getClassName() === 'BatchNormalization',
      );
      expect(batchNorms.every((layer) => !layer.trainable)).toBe(true);
      const image = await scene();
      const { scores } = await detector.detect(image, { proposals: gridProposals(image), scoreThreshold: 0 });
      expect(scores.length).toBeGreaterThan(0);
      expect(scores.every(Number.isFinite)).toBe(true);
      detector.dispose();
    },
  );

  test("VGG's fully connected layers start fc6 and fc7 where they fit", async () => {
    const classifier = squareWeights();
    const options = {
      ...base,
      backbone: 'alexnet',
      regions: { outputSize: [1, 1] },
      head: { hidden: [4, 4] },
    } as const;
    const detector = createDetector({
      ...options,
      head: { hidden: [4, 4] },
      regions: { outputSize: [1, 1] },
      backboneWeights: new Map([...(await stateDictOf(alexnet({ includeTop: false }))), ...classifier]),
      random: mulberry32(1),
    });
    const head = await detector.parts.head.stateDict();
    expect(head.get('fc6.weight')).toEqual(classifier.get('classifier.1.weight'));
    expect(head.get('fc7.bias')).toEqual(classifier.get('classifier.4.bias'));
    detector.dispose();
  });

  test("of another detector's weights the backbone starts with its backbone's, whatever the two kinds are", async () => {
    const common = {
      classes: ['a'],
      backbone: { name: 'squeezenet1_1', layers: ['features.3'], frozenThrough: null },
      head: { hidden: [4] },
    };
    const make = (type: 'fast-rcnn' | 'rcnn', seed: number, backboneWeights?: StateDict) =>
      createDetector({ ...common, type, backboneWeights, random: mulberry32(seed) } as CreateDetectorOptions);
    const [source, other] = [make('fast-rcnn', 1), make('rcnn', 2)];
    const crops = make('rcnn', 3, await source.stateDict());
    const maps = make('fast-rcnn', 4, await other.stateDict());
    const key = 'body.features.0.weight';
    const of = async (detector: GeneralizedRCNN, prefix: string) =>
      (await detector.stateDict()).get(`${prefix}.${key}`)!.data;
    expect(await of(crops, 'regionFeatures')).toEqual(await of(source, 'backbone'));
    expect(await of(maps, 'backbone')).toEqual(await of(other, 'regionFeatures'));
    expect(await of(maps, 'backbone')).not.toEqual(await of(source, 'backbone'));
    for (const detector of [source, other, crops, maps]) detector.dispose();
  });

  test('wrong options are named', () => {
    expect(() => resolveConfig({ ...base, classes: [] })).toThrow(/classes: must name at least one class/);
    expect(() => resolveConfig({ ...base, type: 'yolo' as 'fast-rcnn' })).toThrow(
      /'fast-rcnn', .*got "yolo"/,
    );
    expect(() => resolveConfig({ ...base, backbone: 'lenet' as 'vgg16' })).toThrow(
      /squeezenet1_1, .*got "lenet"/,
    );
    const two = { name: 'squeezenet1_1', layers: ['features.7', 'features.12'] } as const;
    const unmerged = { ...base, backbone: { ...two, layers: [...two.layers] }, neck: null };
    expect(() => resolveConfig(unmerged)).toThrow(/neck/);
    const frozen = { name: 'squeezenet1_1', frozenThrough: 'features.99' } as const;
    expect(() => createDetector({ ...base, backbone: frozen, random: mulberry32(1) })).toThrow(
      /frozenThrough/,
    );
    const weights = new Map();
    expect(() => createDetector({ ...base, backboneWeights: weights, random: mulberry32(1) })).toThrow(
      /features.0.weight/,
    );
  });
});
