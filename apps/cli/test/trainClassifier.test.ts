import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { squeezenet1_1, stateDictOf } from '@roikit/backbones';
import { mulberry32 } from '@roikit/geometry';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { classifierSettings } from '../src/classification/settings';
import { makeClassifier } from '../src/classification/makeClassifier';
import { testEngine, useTestEngine } from '../../../packages/engine/test/testEngine';
import { roikit, temporaryFolder } from './support';
import { classify, writePicture } from './shapes';

let folder: string;
beforeAll(async () => {
  folder = temporaryFolder();
  await useTestEngine(); // networks are made here too, not only by the command
});
afterAll(() => rmSync(folder, { recursive: true }));

const CLASSES = ['circle', 'square', 'stripe'];

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
