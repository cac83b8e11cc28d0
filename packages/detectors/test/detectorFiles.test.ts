import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mulberry32 } from '@roikit/geometry';
import {
  createDetector,
  DETECTORS,
  loadDetector as loadFromFiles,
  packDetector,
  unpackDetector,
} from '../src';
import { loadDetector, saveDetector } from '../src/node';
import { writeSafetensors, type StateTensor } from '@roikit/weights';
import { readStateDict } from '@roikit/weights/node';
import { useTestEngine } from '../../engine/test/testEngine';
import { gridProposals, scene, tinyDetector } from './scenes';

const base = { type: 'fast-rcnn', classes: ['a'], backbone: 'squeezenet1_1' } as const;

let folder: string;
beforeAll(async () => {
  await useTestEngine();
  folder = await mkdtemp(join(tmpdir(), 'roikit-'));
});
afterAll(() => rm(folder, { recursive: true }));

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
});

describe('what they hold', () => {
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
    await expect(load(({ config }) => (config['anchors'] = 9))).rejects.toThrow(
      /^loadDetector: detector\.json: .*"anchors"/,
    );
    await expect(
      load(({ config }) => ((config['transform'] as { minSize: number }).minSize = 0)),
    ).rejects.toThrow(/transform\.minSize/);
    await expect(load(({ config }) => delete config['head'])).rejects.toThrow(/head/);
    await expect(load((manifest) => Object.assign(manifest, { extra: 1 }))).rejects.toThrow(
      /^loadDetector: detector\.json: .*"extra"/,
    );
  });

  test('a folder with damaged files is named; so are weights of another type', async () => {
    const path = join(folder, 'damaged');
    await saveDetector(tinyDetector(), path);
    const weights = await readStateDict(join(path, 'weights.safetensors'));
    const whole = [...weights].map(([name, { shape, data }]) => [
      name,
      { dtype: 'int32' as const, shape, data: Int32Array.from(data as Float32Array) },
    ]) as [string, StateTensor][];
    await writeFile(join(path, 'weights.safetensors'), writeSafetensors(new Map(whole)));
    const named = `loadDetector: ${path}: weights.safetensors: ${whole[0]![0]} must be float32, float16 or bfloat16, got int32`;
    await expect(loadDetector(path)).rejects.toThrow(named);
    await writeFile(join(path, 'weights.safetensors'), '{');
    await expect(loadDetector(path)).rejects.toThrow(`loadDetector: ${path}: `);
    await writeFile(join(path, 'detector.json'), '{');
    await expect(loadDetector(path)).rejects.toThrow(`loadDetector: ${path}: detector.json is not JSON`);
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

  test('a detector that is disposed says so, and may be disposed again; a threshold that is no number is refused', async () => {
    const detector = tinyDetector();
    const image = await scene();
    await expect(detector.detect(image, { scoreThreshold: NaN })).rejects.toThrow(
      'detect: scoreThreshold must be a number, got NaN',
    );
    detector.dispose();
    detector.dispose();
    await expect(detector.detect(image)).rejects.toThrow('detect: the detector is disposed; load it again');
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
