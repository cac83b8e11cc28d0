import { alexnet, featureExtractor, stateDictOf } from '@roikit/backbones';
import { mulberry32 } from '@roikit/geometry';
import type { StateDict } from '@roikit/weights';
import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  compress,
  createDetector,
  packDetector,
  resolveConfig,
  transferDetector,
  unpackDetector,
  type CreateDetectorOptions,
  type GeneralizedRCNN,
} from '../src';
import { BACKBONES } from '../src/backbone/backbones';
import { freezeThrough } from '../src/modelPart';
import { receptiveField } from '../src/backbone/receptiveField';
import { useTestEngine } from '../../engine/test/testEngine';
import { gridProposals, scene } from './scenes';

const base = { type: 'fast-rcnn', classes: ['a'], backbone: 'squeezenet1_1' } as const;

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

beforeAll(useTestEngine);

describe('createDetector', () => {
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
    expect(detector.config.backbone.frozenThrough).toBe('features.0');
    const untaught = createDetector({
      ...options,
      head: { hidden: [4, 4] },
      regions: { outputSize: [1, 1] },
      random: mulberry32(1),
    });
    expect(untaught.config.backbone.frozenThrough).toBe(null);
    untaught.dispose();
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
    expect([source.scores, other.scores]).toEqual(['probability', 'margin']);
    // Told by the weights that were given, not by which layers are trained.
    expect([source, other, crops, maps].map(({ pretrained }) => pretrained)).toEqual([
      false,
      false,
      true,
      true,
    ]);
    for (const detector of [source, other, crops, maps]) detector.dispose();
  });

  test('frozen layers make no pretrained ones; a detector that is loaded, or made of another, is', async () => {
    const backbone = { name: 'squeezenet1_1', layers: ['features.3'], frozenThrough: 'features.0' };
    const random = createDetector({ ...base, backbone, head: { hidden: [8] }, random: mulberry32(1) });
    const { detector: compressed } = await compress(random, { fc6: 4 });
    const loaded = await unpackDetector(await packDetector(random));
    const { detector: smaller } = await compress(loaded, { fc6: 4 });
    const transferred = await transferDetector(random, { classes: ['b'], random: mulberry32(2) });
    const all = [random, compressed, loaded, smaller, transferred];
    expect(all.map(({ pretrained }) => pretrained)).toEqual([false, false, true, true, true]);
    for (const detector of all) detector.dispose();
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

describe('the head follows from the backbone', () => {
  test("VGG16's is its own: 7 × 7, two layers of 4096; AlexNet's 6 × 6", () => {
    const { regions, head } = resolveConfig({ ...base, backbone: 'vgg16' });
    expect([regions.outputSize, head.hidden]).toEqual([
      [7, 7],
      [4096, 4096],
    ]);
    expect(resolveConfig({ ...base, backbone: 'alexnet' }).regions.outputSize).toEqual([6, 6]);
  });

  test('pretrained layers that do not fit are told', async () => {
    const random = mulberry32(4);
    const options = {
      ...base,
      backbone: 'alexnet',
      regions: { outputSize: [1, 2] as [number, number] },
      head: { hidden: [4, 5] },
    } as const;
    const trunk = await createDetector({
      ...options,
      head: { hidden: [4, 5] },
      random,
    }).parts.backbone.stateDict();
    const weights = new Map([...trunk].map(([name, tensor]) => [name.replace('body.', ''), tensor]));
    const tensor = (...shape: number[]) => ({
      dtype: 'float32' as const,
      shape,
      data: new Float32Array(shape.reduce((a, b) => a * b)),
    });
    weights.set('classifier.1.weight', tensor(4096, 9216)).set('classifier.1.bias', tensor(4096));
    const said: string[] = [];
    createDetector({
      ...options,
      head: { hidden: [4, 5] },
      backboneWeights: weights,
      random,
      warn: (message) => said.push(message),
    });
    expect(said).toEqual([
      expect.stringMatching(
        /fc6 starts from random weights: it is \[4, 512\], classifier\.1 of the weights \[4096, 9216\]/,
      ),
    ]);
  });
});
