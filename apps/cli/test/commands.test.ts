import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { testEngine } from '../../../packages/engine/test/testEngine';
import { roikit, temporaryFolder, vocFolder, writeTinyRecipe, type Outcome } from './support';

let folder: string;
let data: string;
beforeAll(async () => {
  folder = temporaryFolder();
  data = await vocFolder(join(folder, 'shapes'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const picture = () => join(data, 'JPEGImages/picture0.jpg');
const flags = () => ['--engine', testEngine, '--cache', join(folder, 'cache')];
const train = (out: string, ...more: string[]) =>
  roikit(
    'train',
    '--data',
    data,
    '--split',
    'train',
    '--val-split',
    'val',
    '--out',
    out,
    ...flags(),
    ...more,
  );

/** Losses of every step of a run, in order. */
function losses(out: string): number[] {
  const lines = readFileSync(join(out, 'metrics.jsonl'), 'utf8').trim().split('\n');
  const events = lines.map((line) => JSON.parse(line) as { type: string; losses?: { total: number } });
  return events.filter(({ type }) => type === 'step').map((event) => event.losses?.total ?? Number.NaN);
}

describe('propose', () => {
  test('prints the number of boxes and draws segmentation and boxes', async () => {
    const out = join(folder, 'propose');
    const { code, stdout } = await roikit(
      'propose',
      picture(),
      '--mode',
      'single',
      '--max',
      '20',
      '--draw',
      '--out',
      out,
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/\d+ boxes/);
    for (const name of ['picture0-segmentation.png', 'picture0-proposals.png']) {
      const { width } = await sharp(join(out, name)).metadata();
      expect(width).toBe(960);
    }
  });

  test('--json gives at most --max boxes inside the picture', async () => {
    const { stdout } = await roikit('propose', picture(), '--mode', 'single', '--max', '7', '--json');
    const [{ boxes }] = JSON.parse(stdout) as [{ boxes: number[][] }];
    expect(boxes.length).toBeGreaterThan(0);
    expect(boxes.length).toBeLessThanOrEqual(7);
    for (const [x1, y1, x2, y2] of boxes as [number, number, number, number][]) {
      expect(x1 >= 0 && y1 >= 0 && x2 <= 96 && y2 <= 96 && x2 > x1 && y2 > y1).toBe(true);
    }
  });
});

test('doctor tells of every engine, and that wasm works', async () => {
  const { code, stdout } = await roikit('doctor', '--json');
  const { engines } = JSON.parse(stdout) as { engines: { name: string; usable: boolean }[] };
  expect(code).toBe(0);
  expect(engines.find(({ name }) => name === 'wasm')?.usable).toBe(true);
});

describe('train, evaluate, detect', () => {
  const whole = () => join(folder, 'whole');
  let first: Outcome;
  beforeAll(async () => {
    first = await train(whole(), '--recipe', writeTinyRecipe(folder, { epochs: 2 }));
  });

  test('a run leaves detector, best detector, settings, log and report', () => {
    expect(first.stderr).not.toContain('error:');
    expect(first.code).toBe(0);
    const present = [...readdirSync(whole()), ...readdirSync(join(whole(), 'detector'))];
    expect(present).toEqual(
      expect.arrayContaining([
        'checkpoint.safetensors',
        'config.json',
        'detector',
        'detector-best',
        'detector.json',
        'metrics.jsonl',
        'report.html',
        'report.json',
        'weights.safetensors',
      ]),
    );
    expect(losses(whole())).toHaveLength(4);
    const { metrics } = JSON.parse(readFileSync(join(whole(), 'detector/detector.json'), 'utf8')) as {
      metrics: { ap50: number };
    };
    expect(metrics.ap50).toBeGreaterThanOrEqual(0);
  });

  test('a second run does not overwrite the first', async () => {
    const { code, stderr } = await train(whole(), '--recipe', writeTinyRecipe(folder));
    expect(code).toBe(1);
    expect(stderr).toContain(`--resume --out ${whole()}`);
  });

  test('stopped after one epoch and resumed, it goes through the same losses', async () => {
    const out = join(folder, 'halves');
    // A constant rate: the schedule would otherwise know how long the first half is.
    const recipe = writeTinyRecipe(folder, { epochs: 2 });
    const text = JSON.parse(readFileSync(recipe, 'utf8')) as { training: Record<string, unknown> };
    expect(text.training.schedule).toEqual({ type: 'constant' });
    await train(out, '--recipe', recipe, '--epochs', '1');
    const { code, stderr } = await roikit('train', '--resume', '--out', out, '--epochs', '2', ...flags());
    expect(code).toBe(0);
    expect(stderr).toContain('Going on in epoch 2 of 2');
    expect(losses(out)).toEqual(losses(whole()));
  });

  test('--resume refuses settings that would change the run', async () => {
    const { code, stderr } = await roikit(
      'train',
      '--resume',
      '--out',
      whole(),
      '--lr',
      '1',
      '--val-split',
      'x',
    );
    expect(code).toBe(2);
    expect(stderr).toContain('--lr');
  });

  test('evaluate prints the table and writes a page that needs nothing else', async () => {
    const out = join(folder, 'evaluate');
    const { code, stdout } = await roikit(
      'evaluate',
      whole(),
      '--data',
      data,
      '--split',
      'val',
      '--engine',
      testEngine,
      '--out',
      out,
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/^bar +2 .*\nsquare +2 .*\nall +4 /m);
    expect(stdout).toContain('AR100');
    const page = readFileSync(join(out, 'report.html'), 'utf8');
    expect(page).toContain('picture2');
    expect(page).not.toMatch(/(?:src|href)="(?!data:)/);
    const report = JSON.parse(readFileSync(join(out, 'report.json'), 'utf8')) as {
      images: number;
      coco: unknown[];
    };
    expect(report.images).toBe(2);
    expect(report.coco).toHaveLength(12);
    expect(page).toContain('Recall by number of proposals');
    const results = JSON.parse(readFileSync(join(out, 'results.json'), 'utf8')) as { classes: unknown[] };
    expect(results.classes).toHaveLength(2);
    expect(readFileSync(join(out, 'results.csv'), 'utf8')).toMatch(
      /^class,.*\r\nbar,2,.*\r\nsquare,2,.*\r\nall,4,/,
    );
  });

  test('detect takes a folder, writes a picture each, and JSON with boxes inside the picture', async () => {
    const out = join(folder, 'detect');
    const args = ['--model', whole(), '--score', '0.01', '--engine', testEngine, '--out', out];
    const { code, stdout } = await roikit('detect', join(data, 'JPEGImages'), ...args, '--json');
    expect(code).toBe(0);
    const results = JSON.parse(`[${stdout.trim().replaceAll('\n', ',')}]`) as {
      drawn: string;
      detections: { class: string; box: number[] }[];
    }[];
    expect(results).toHaveLength(6);
    for (const { drawn, detections } of results) {
      expect(existsSync(drawn)).toBe(true);
      for (const { class: name, box } of detections) {
        expect(['bar', 'square']).toContain(name);
        expect(Math.min(...box)).toBeGreaterThanOrEqual(0);
        expect(Math.max(...box)).toBeLessThanOrEqual(96);
      }
    }
  });
});
