import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { shufflenetV2_x0_5, squeezenet1_1, stateDictOf } from '@roikit/backbones';
import { classify as classifyImage, networkName } from '@roikit/classification';
import { readImage } from '@roikit/image/node';
import { mulberry32 } from '@roikit/geometry';
import { writeSafetensors, type StateDict } from '@roikit/weights';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { testEngine, useTestEngine } from '../../../packages/engine/test/testEngine';
import { roikit, temporaryFolder } from './support';
import { classify, writePicture } from './shapes';

const shared = fileURLToPath(new URL('../../../../shared/', import.meta.url));
const published = join(shared, 'weights/squeezenet1_1.safetensors');
const pictures = join(shared, 'data/imagenet-100');
const missing = !existsSync(published) || !existsSync(pictures);
if (missing) console.warn('classify: ../shared is not here; ImageNet pictures are not classified');

let folder: string;
beforeAll(async () => {
  folder = temporaryFolder();
  await useTestEngine(); // networks are made here too, not only by the command
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());

describe('classify', () => {
  // Pictures that PyTorch gets right with these weights.
  const known = ['n01440764_tench', 'n02112137_chow', 'n02120505_grey_fox', 'n02165105_tiger_beetle'];
  const paths = known.map((name) => join(pictures, `${name}.JPEG`));

  test.skipIf(missing)(
    'photos are what they are called, with float16 weights too (needs ../shared)',
    async () => {
      const half = join(folder, 'half.safetensors');
      expect((await roikit('weights', 'convert', published, half, '--dtype', 'float16')).code).toBe(0);
      for (const weights of [published, half]) {
        const { results } = await classify(
          ...paths,
          '--model',
          'SqueezeNet1_1',
          '--weights',
          weights,
          '-k',
          '2',
        );
        expect(results.map(({ classes }) => classes[0]?.class)).toEqual([
          'tench',
          'chow',
          'grey fox',
          'tiger beetle',
        ]);
        for (const { classes } of results) expect(classes).toHaveLength(2);
      }
    },
  );

  test('weights of another network: what is missing and unexpected is printed, and the file', async () => {
    const state = await stateDictOf(squeezenet1_1({ inputShape: [64, 64, 3], random: mulberry32(4) }));
    const renamed = new Map([...state].map(([key, tensor]) => [key.replace('features.0.', 'stem.'), tensor]));
    const file = join(folder, 'renamed.safetensors');
    writeFileSync(file, writeSafetensors(renamed));
    const picture = await writePicture(join(folder, 'other.png'), 'circle', 0);
    const { code, stderr } = await classify(picture, '--model', 'squeezenet1_1', '--weights', file);
    expect(code).toBe(1);
    expect(stderr).toContain(file);
    expect(stderr).toMatch(/missing \(2\): features\.0\.weight, features\.0\.bias/);
    expect(stderr).toMatch(/unexpected \(2\): stem\.weight, stem\.bias/);
    expect(stderr).toMatch(/--source/);
  });

  test('what is printed is what the network computes', async () => {
    const model = shufflenetV2_x0_5({ random: mulberry32(4) });
    const file = join(folder, 'shufflenet.safetensors');
    writeFileSync(file, writeSafetensors(await stateDictOf(model)));
    const picture = await writePicture(join(folder, 'x.png'), 'circle', 0);
    const { results } = await classify(
      picture,
      '--model',
      'shufflenet_v2_x0_5',
      '--weights',
      file,
      '-k',
      '3',
    );
    const expected = await classifyImage(model, await readImage(picture), { topK: 3 });
    expect(results[0]?.classes.map((entry) => entry.class)).toEqual(
      expected.map(({ className }) => className),
    );
    for (const [i, { score }] of expected.entries()) {
      expect(results[0]?.classes[i]?.score).toBeCloseTo(score, 5);
    }
  });

  test('weights of another network: one error, by name', async () => {
    const file = join(folder, 'other.safetensors');
    const tensors: StateDict = new Map([
      ['fc.weight', { dtype: 'float32', shape: [1], data: Float32Array.of(1) }],
    ]);
    writeFileSync(file, writeSafetensors(tensors));
    const picture = await writePicture(join(folder, 'x.png'), 'circle', 0);
    const args = ['--model', 'squeezenet1_1', '--weights', file, '--engine', testEngine];
    const { code, stderr } = await roikit('classify', picture, ...args);
    expect(code).toBe(1);
    expect(stderr).toContain('squeezenet1_1');
  });

  test('an unreachable hub: exit 1, and how to get the file by hand', async () => {
    vi.stubEnv('HF_ENDPOINT', 'http://127.0.0.1:9');
    const picture = await writePicture(join(folder, 'x.png'), 'circle', 0);
    const weights = 'hf:roikit-test/nowhere/a.safetensors';
    const { code, stderr } = await roikit('classify', picture, '--model', 'resnet18', '--weights', weights);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /can't be reached .* by hand and put it at .*hub.roikit-test.nowhere.a\.safetensors/,
    );
  });

  test.each([
    [['--model', 'resnet19', '--weights', 'x'], 'resnet18'],
    [['--model', 'resnet18'], '--weights'],
    [['--model', 'resnet18', '--weights', 'hf:timm'], 'hf:owner/name'],
  ])('classify %j exits 2 and says what to give', async (args, cure) => {
    const picture = await writePicture(join(folder, 'x.png'), 'circle', 0);
    const { code, stderr } = await roikit('classify', picture, ...args);
    expect(code).toBe(2);
    expect(stderr).toContain(cure);
  });

  test('torchvision’s spellings are understood', () => {
    expect(['mobilenet_v2', 'Inception-V3', 'shufflenet_v2_x0_5'].map(networkName)).toEqual([
      'mobilenetV2',
      'inceptionV3',
      'shufflenetV2_x0_5',
    ]);
  });
});
