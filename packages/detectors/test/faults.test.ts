import { mulberry32, type Boxes } from '@roikit/geometry';
import type { RgbImage } from '@roikit/image';
import * as tf from '@tensorflow/tfjs-core';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  createDetector,
  DETECTORS,
  packDetector,
  resolveConfig,
  train,
  unpackDetector,
  type TrainEvent,
} from '../src';
import { BACKBONES } from '../src/backbone/backbones';
import { cachedProposals } from '../src/node';
import { convBackbone } from '../src/backbone/convBackbone';
import { useTestEngine } from '../../engine/test/testEngine';
import { gridProposals, squares, tinyDetector } from './scenes';

let folder: string;
beforeAll(async () => {
  await useTestEngine();
  folder = await mkdtemp(join(tmpdir(), 'roikit-faults-'));
});
afterAll(() => rm(folder, { recursive: true }));

const base = { type: 'fast-rcnn', classes: ['a'], backbone: 'squeezenet1_1' } as const;
const noise = (width: number, height: number): RgbImage => {
  const random = mulberry32(width + height);
  return { data: Uint8Array.from({ length: 3 * width * height }, () => 256 * random()), width, height };
};

async function collect(events: AsyncGenerator<TrainEvent>): Promise<TrainEvent[]> {
  const all: TrainEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

describe('thin pictures', () => {
  test.each([
    [10, 1000],
    [1000, 10],
    [2, 2000],
    [1, 1],
  ])('%i × %i pixels are searched, learned and detected', async (width, height) => {
    const detector = createDetector({
      ...base,
      transform: { minSize: 60, maxSize: 100 },
      head: { hidden: [8] },
      regions: { outputSize: [2, 2] },
      random: mulberry32(1),
    });
    const image = noise(width, height);
    const proposals = Float32Array.of(0, 0, width, height);
    const { boxes } = await detector.detect(image, { proposals, scoreThreshold: 0 });
    expect(boxes.every((value, i) => value >= 0 && value <= (i % 2 === 0 ? width : height))).toBe(true);
    const truth = { boxes: proposals, labels: Int32Array.of(1) };
    const dataset = {
      name: 'thin',
      classes: ['a'],
      length: 1,
      id: () => 't',
      get: async () => ({ id: 't', image, truth }),
    };
    const events = await collect(
      train(detector, dataset, { epochs: 1, proposals: () => proposals, random: mulberry32(1) }),
    );
    expect(events.at(-1)).toEqual({ type: 'done' });
    detector.dispose();
  });

  test.each(Object.keys(BACKBONES) as (keyof typeof BACKBONES)[])(
    '%s: its smallest input is computed, and no smaller one',
    (name) => {
      const { layers } = BACKBONES[name];
      const backbone = convBackbone({ name, layers: [...layers], frozenThrough: null }, null);
      const side = backbone.smallestInput;
      const shapeOf = (size: number) =>
        tf.tidy(() => backbone.features(tf.zeros([1, size, size, 3]))[0]!.map.shape.slice(1, 3));
      expect(Math.min(...shapeOf(side))).toBeGreaterThanOrEqual(1);
      if (side > 1)
        expect(() => shapeOf(side - 1)).toThrow(/as large as the window|must be|Invalid|negative/);
      backbone.dispose();
    },
  );
});

describe('files', () => {
  const packed = async () => {
    const files = await packDetector(tinyDetector());
    const manifest = JSON.parse(new TextDecoder().decode(files['detector.json'])) as {
      config: Record<string, unknown>;
    };
    const changed = (change: (manifest: { config: Record<string, unknown> }) => void) => {
      const copy = structuredClone(manifest);
      change(copy);
      return unpackDetector({ ...files, 'detector.json': new TextEncoder().encode(JSON.stringify(copy)) });
    };
    return changed;
  };

  test('type, unknown keys and wrong values of detector.json are named', async () => {
    const load = await packed();
    await expect(load(({ config }) => (config['type'] = 'yolo'))).rejects.toThrow(
      /detector.json: type must be one of .*'fast-rcnn'.*, got "yolo"/,
    );
    await expect(load(({ config }) => (config['anchors'] = 9))).rejects.toThrow(/detector.json: .*"anchors"/);
    await expect(
      load(({ config }) => ((config['transform'] as { minSize: number }).minSize = 0)),
    ).rejects.toThrow(/transform\.minSize/);
    await expect(load(({ config }) => delete config['head'])).rejects.toThrow(/head/);
    await expect(load((manifest) => Object.assign(manifest, { extra: 1 }))).rejects.toThrow(/"extra"/);
  });

  test('weights that are not finite are refused, and the tensor is named', async () => {
    const detector = tinyDetector();
    const state = await detector.stateDict();
    for (const bad of [NaN, Infinity, -Infinity]) {
      const tensor = structuredClone(state.get('head.fc6.bias')!);
      tensor.data[3] = bad;
      expect(() => detector.load(new Map([...state, ['head.fc6.bias', tensor]]))).toThrow(
        /the detector's weights: head\.fc6\.bias holds -?(NaN|Infinity) at element 3/,
      );
    }
    const weights = new Map([
      ['features.0.weight', { dtype: 'float32' as const, shape: [1], data: Float32Array.of(NaN) }],
    ]);
    expect(() => createDetector({ ...base, backboneWeights: weights, random: mulberry32(1) })).toThrow(
      /features\.0\.weight/,
    );
    detector.dispose();
  });

  test('a detector to be loaded draws no weights', async () => {
    const detector = DETECTORS['fast-rcnn'].build(tinyDetector().config as never);
    for (const { data } of (await detector.stateDict()).values())
      expect((data as Float32Array).every((value) => value === 0)).toBe(true);
    detector.dispose();
  });

  test('a folder of version 0.1 loads: its neck lay beside the backbone', async () => {
    const detector = tinyDetector({ neck: { channels: 8 } });
    const state = await detector.stateDict();
    expect([...state.keys()].some((name) => name.startsWith('backbone.neck.lateral.0'))).toBe(true);
    const files = await packDetector(detector);
    const { writeSafetensors } = await import('@roikit/weights');
    const old = new Map(
      [...state].map(([name, tensor]) => [
        name.replace('backbone.body.', 'backbone.').replace('backbone.neck.', 'neck.'),
        tensor,
      ]),
    );
    const manifest = JSON.parse(new TextDecoder().decode(files['detector.json'])) as object;
    const loaded = await unpackDetector({
      'detector.json': new TextEncoder().encode(JSON.stringify({ ...manifest, formatVersion: 1 })),
      'weights.safetensors': writeSafetensors(old),
    });
    expect(await loaded.stateDict()).toEqual(state);
  });
});

test('dispose frees everything, layers beyond the map that is used too', () => {
  const before = tf.memory().numTensors;
  tinyDetector({ neck: { channels: 8 } }).dispose();
  expect(tf.memory().numTensors).toBe(before);
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

describe('the cache of proposals', () => {
  const options = (name: string) => ({ folder: join(folder, name), parameters: { mode: 'fast' } });
  const counted = () => {
    const source = (image: RgbImage): Boxes => (source.calls++, gridProposals(image));
    source.calls = 0;
    return source;
  };
  const entry = async (name: string) => join(folder, name, (await readdir(join(folder, name)))[0]!);

  test('eight askers of one picture at once all get its boxes', async () => {
    const image = noise(64, 40);
    const cache = cachedProposals(counted(), options('eight'));
    const all = await Promise.all(Array.from({ length: 8 }, () => cache(image)));
    for (const boxes of all) expect(boxes).toEqual(gridProposals(image));
    expect(await readdir(join(folder, 'eight'))).toHaveLength(1);
  });

  test('entries that are empty, cut short or changed are computed again', async () => {
    const image = noise(64, 40);
    const source = counted();
    const cache = cachedProposals(source, options('damaged'));
    await cache(image);
    const whole = await readFile(await entry('damaged'));
    const changed = Buffer.from(whole);
    changed[40]! ^= 1;
    for (const [i, bytes] of [Buffer.alloc(0), whole.subarray(0, whole.length - 16), changed].entries()) {
      await writeFile(await entry('damaged'), bytes);
      expect(await cache(image)).toEqual(gridProposals(image));
      expect(source.calls).toBe(i + 2);
    }
    await cache(image);
    expect(source.calls).toBe(4);
  });

  test('a cache that can not be written is one warning', async () => {
    await writeFile(join(folder, 'file'), '');
    const said: string[] = [];
    const cache = cachedProposals(counted(), { ...options('file'), warn: (message) => said.push(message) });
    for (const width of [64, 65])
      expect(await cache(noise(width, 40))).toEqual(gridProposals(noise(width, 40)));
    expect(said).toEqual([
      expect.stringMatching(/the cache of proposals is not used: .*file.*can't be written/),
    ]);
  });
});

describe('resuming', () => {
  const dataset = squares({ count: 4 });
  const options = { epochs: 1, batch: { regions: 8 }, proposals: gridProposals, random: mulberry32(2) };
  const store = () => {
    let saved: Map<string, never> | undefined;
    return {
      load: async () => saved,
      save: async (state: unknown) => void (saved = structuredClone(state) as typeof saved),
    };
  };

  test.each([
    ['batch size', { batch: { regions: 8, images: 1 } }, /training\.batch\.images was not set, is 1/],
    ['optimizer', { optimizer: { type: 'sgd' as const } }, /training\.optimizer\.type was "adamw", is "sgd"/],
    ['schedule', { schedule: { type: 'step' as const } }, /training\.schedule\.type was "cosine", is "step"/],
  ])('with another %s it is refused', async (_, change, message) => {
    const checkpoint = store();
    await collect(train(tinyDetector(), dataset, { ...options, checkpoint }));
    await expect(
      collect(train(tinyDetector(), dataset, { ...options, ...change, epochs: 2, checkpoint })),
    ).rejects.toThrow(message);
  });

  test('with other data, or another detector, it is refused; with more epochs it goes on', async () => {
    const checkpoint = store();
    await collect(train(tinyDetector(), dataset, { ...options, checkpoint }));
    const other = squares({ count: 4, seed: 3 });
    await expect(collect(train(tinyDetector(), other, { ...options, checkpoint }))).rejects.toThrow(
      /data was "[0-9a-f]{16}", is "/,
    );
    const wide = tinyDetector({ head: { hidden: [33] } });
    await expect(collect(train(wide, dataset, { ...options, checkpoint }))).rejects.toThrow(
      /detector\.head\.hidden was \[32\], is \[33\]/,
    );
    // Many more: the warm-up by default must not follow from their number.
    const events = await collect(train(tinyDetector(), dataset, { ...options, epochs: 30, checkpoint }));
    expect(events.filter(({ type }) => type === 'epoch')).toHaveLength(29);
  });
});

test('data without any object of the classes is refused', async () => {
  const dataset = { ...squares({ count: 2 }) };
  const bare = {
    ...dataset,
    get: async (index: number) => ({
      ...(await dataset.get(index)),
      truth: { boxes: new Float32Array(0), labels: new Int32Array(0) },
    }),
  };
  await expect(
    collect(train(tinyDetector(), bare, { epochs: 1, proposals: gridProposals, random: mulberry32(1) })),
  ).rejects.toThrow(/no object of red, blue is annotated in the 2 usable samples of squares/);
});
