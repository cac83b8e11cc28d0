import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { shufflenetV2_x0_5, squeezenet1_1, stateDictOf } from '@roikit/backbones';
import { classify as classifyImage, networkName } from '@roikit/classification';
import { readImage } from '@roikit/image/node';
import { mulberry32 } from '@roikit/geometry';
import { writeSafetensors, type StateDict } from '@roikit/weights';
import { readStateDict } from '@roikit/weights/node';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { classifierSettings } from '../src/training/classifierSettings';
import { makeClassifier } from '../src/training/makeClassifier';
import { testEngine, useTestEngine } from '../../../packages/engine/test/testEngine';
import { roikit, temporaryFolder } from './support';

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

interface Classified {
  image: string;
  classes: { class: string; label: number; score: number }[];
}

const classify = async (...args: string[]) => {
  const outcome = await roikit('classify', ...args, '--engine', testEngine, '--json');
  return { ...outcome, results: JSON.parse(outcome.stdout || '[]') as Classified[] };
};

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

describe('weights', () => {
  const tensors: StateDict = new Map([
    ['conv.weight', { dtype: 'float32', shape: [2, 3, 1, 1], data: Float32Array.of(1, 2, 3, 4, 5, 70000) }],
    ['bn.running_mean', { dtype: 'float32', shape: [2], data: Float32Array.of(0.5, 0.25) }],
    ['bn.num_batches_tracked', { dtype: 'int64', shape: [], data: BigInt64Array.of(7n) }],
  ]);
  let file: string;
  beforeAll(() => {
    file = join(folder, 'in.safetensors');
    writeFileSync(file, writeSafetensors(tensors));
  });

  test('inspect lists tensors and tells parameters from statistics', async () => {
    const { stdout } = await roikit('weights', 'inspect', file);
    expect(stdout).toMatch(/^conv\.weight +float32 +2 × 3 × 1 × 1 +6$/m);
    expect(stdout).toMatch(/^bn\.num_batches_tracked +int64 +scalar +1$/m);
    expect(stdout).toContain('3 tensors, 6 parameters and 3 batch norm statistics');
    const { stdout: json } = await roikit('weights', 'inspect', file, '--json');
    expect(JSON.parse(json)).toMatchObject({
      parameters: 6,
      statistics: 3,
      tensors: [{ shape: [2, 3, 1, 1] }, {}, {}],
    });
  });

  test('convert to float16 keeps names, shapes and integers, and warns of what does not fit', async () => {
    const out = join(folder, 'new/out.safetensors');
    const { code, stderr } = await roikit('weights', 'convert', file, out, '--dtype', 'float16');
    expect(code).toBe(0);
    expect(stderr).toContain('conv.weight: 1 value beyond ±65504');
    const read = await readStateDict(out);
    expect([...read.keys()].sort()).toEqual([...tensors.keys()].sort());
    expect(read.get('bn.running_mean')).toMatchObject({ dtype: 'float16', data: Float32Array.of(0.5, 0.25) });
    expect(read.get('bn.num_batches_tracked')).toMatchObject({ dtype: 'int64', data: BigInt64Array.of(7n) });
    const again = await roikit('weights', 'convert', file, out);
    expect(again.code).toBe(1);
    expect(again.stderr).toContain(out);
  });

  test.each([
    [['inspect', 'no.pth'], 1, 'no.pth'],
    [['convert', 'a.pth', 'b.pth'], 2, '.safetensors'],
    [['convert', 'a.pth'], 2, 'out'],
    [['inspect'], 2, 'file'],
  ])('weights %j exits with its reason', async (args, exit, why) => {
    const { code, stderr } = await roikit('weights', ...args);
    expect(code).toBe(exit);
    expect(stderr).toContain(why);
  });
});

const CLASSES = ['circle', 'square', 'stripe'];

/** One light shape on dark ground. */
async function writePicture(file: string, shape: string, seed: number): Promise<string> {
  const random = mulberry32(seed);
  const [x, y] = [8 + Math.floor(random() * 16), 8 + Math.floor(random() * 16)];
  const shapes: Record<string, string> = {
    circle: `<circle cx="${x + 16}" cy="${y + 16}" r="16" fill="#fff"/>`,
    square: `<rect x="${x}" y="${y}" width="32" height="32" fill="#fff"/>`,
    stripe: `<rect x="${x}" y="0" width="8" height="64" fill="#fff"/>`,
  };
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"><rect width="64" height="64" fill="#234"/>${shapes[shape]}</svg>`;
  await sharp(Buffer.from(svg)).png().toFile(file);
  return file;
}

describe('train-classifier', () => {
  let data: string;
  beforeAll(async () => {
    data = join(folder, 'shapes');
    for (const [label, name] of CLASSES.entries()) {
      mkdirSync(join(data, name), { recursive: true });
      for (let i = 0; i < 5; i++) await writePicture(join(data, name, `${i}.png`), name, 10 * label + i);
    }
  });

  const start = (out: string) => {
    const args = [
      '--data',
      data,
      '--model',
      'squeezenet1_1',
      '--size',
      '64',
      '--engine',
      testEngine,
      '--out',
      out,
    ];
    return roikit('train-classifier', ...args, '--epochs', '3', '--batch', '4', '--lr', '0.01');
  };

  interface Entry {
    type: string;
    epoch: number;
    step: number;
    losses: { total: number };
    validation?: { top1: number; top5: number };
  }
  const log = (out: string): Entry[] => {
    const file = join(out, 'metrics.jsonl');
    if (!existsSync(file)) return [];
    const lines = readFileSync(file, 'utf8').trim().split('\n');
    return lines.map((line) => JSON.parse(line) as Entry);
  };
  /** Of steps that were done twice the last counts. */
  const losses = (out: string) =>
    Object.fromEntries(
      log(out)
        .filter(({ type }) => type === 'step')
        .map(({ epoch, step, losses: { total } }) => [`${epoch}.${step}`, total]),
    );

  test('Ctrl-C ends it after an epoch, --resume gives the run that was never stopped; classify takes it', async () => {
    const [whole, parts] = [join(folder, 'whole'), join(folder, 'parts')];
    const first = await start(whole);
    expect(first.stderr).toMatch(/epoch 3\/3 +loss \d\.\d+ +top-1 \d+\.\d %/);
    expect(first.code).toBe(0);
    expect(Object.keys(losses(whole))).toHaveLength(9);

    const timer = setInterval(() => {
      if (!existsSync(join(parts, 'checkpoint.safetensors'))) return;
      clearInterval(timer);
      process.emit('SIGINT');
    }, 5);
    const stopped = await start(parts);
    clearInterval(timer);
    expect(stopped.code).toBe(130);
    expect(stopped.stderr).toContain(`npx roikit train-classifier --resume --out ${parts}`);
    expect(log(parts).filter(({ type }) => type === 'epoch').length).toBeLessThan(3);

    const refused = await roikit('train-classifier', '--resume', '--out', parts, '--lr', '1');
    expect(refused.code).toBe(2);
    const resumed = await roikit('train-classifier', '--resume', '--out', parts, '--engine', testEngine);
    expect(resumed.code).toBe(0);
    expect(resumed.stderr).toMatch(/Going on in epoch [23] of 3/);
    expect(losses(parts)).toEqual(losses(whole));

    const again = await start(whole);
    expect(again.code).toBe(1);
    expect(again.stderr).toContain(`--resume --out ${whole}`);

    const picture = join(data, 'circle/0.png');
    const [one] = (await classify(picture, '--model', whole)).results;
    const [other] = (await classify(picture, '--model', parts)).results;
    expect(one?.classes.map((entry) => entry.class).sort()).toEqual(CLASSES);
    expect(one?.classes.reduce((total, { score }) => total + score, 0)).toBeCloseTo(1, 5);
    expect(other?.classes).toEqual(one?.classes);
  }, 120_000);

  test('published weights go into all layers but the last', async () => {
    const source = squeezenet1_1({ random: mulberry32(9) });
    const weights = await stateDictOf(source);
    const settings = classifierSettings({
      data,
      model: 'squeezenet1_1',
      size: 64,
      flip: true,
      engine: 'wasm',
    });
    const made = await stateDictOf(
      makeClassifier(settings, { classes: CLASSES, weights, random: mulberry32(1) }),
    );
    for (const [name, tensor] of weights) {
      if (name.startsWith('classifier.')) expect(made.get(name)?.shape[0]).toBe(CLASSES.length);
      else expect(made.get(name)).toEqual(tensor);
    }
    expect(made.get('classifier.1.weight')?.data.some((value) => value !== 0)).toBe(true);
  });

  test.each([
    [[], '--data'],
    [['--data', 'x'], '--model'],
    [['--data', 'x', '--model', 'vgg11', '--val-data', 'y', '--val-share', '0.5'], 'not both'],
    [['--resume'], '--out'],
  ])('train-classifier %j exits 2 and says what to give', async (args, cure) => {
    const { code, stderr } = await roikit('train-classifier', ...args);
    expect(code).toBe(2);
    expect(stderr).toContain(cure);
  });
});
