import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { digits } from '@roikit/datasets';
import { loadDetector } from '@roikit/detectors/node';
import { boxIou, mulberry32 } from '@roikit/geometry';
import { writeImage } from '@roikit/image/node';
import { unzipSync } from 'fflate';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { findChromium } from '../../../packages/engine/test/browser/chromium';
import { testEngine, useTestEngine } from '../../../packages/engine/test/testEngine';
import { roikit, vocFolder, writeTinyRecipe } from '../../cli/test/support';
import { digitPool } from '../build/digitPool';
import { toMnist } from '../src/worker/glyphs';
import {
  buildAndServe,
  complaintsOf,
  drop,
  launch,
  listed,
  openTab,
  paste,
  settled,
  slide,
  type Built,
  type Listed,
} from './support';

// The page's handwriting, so that Node paints its scenes.
vi.mock('mnist', async () => ({ default: toMnist(gunzipSync(await digitPool())) }));

const executable = findChromium();
if (!executable) console.warn('SKIPPED: the demo page (no Chromium on PATH or in CHROMIUM_PATH)');

const resolve = createRequire(import.meta.url).resolve;

interface Axe {
  run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }>;
}

const engine = (out: string) => ['--engine', testEngine, '--out', out, '--cache', join(out, 'cache')];

/** What `roikit detect` finds, down to the lowest score that the page shows. */
async function detectByCommand(picture: string, model: string): Promise<Listed[]> {
  const args = ['--model', model, '--score', '0.05', '--engine', testEngine, '--json', '--save', 'none'];
  const { stdout } = await roikit('detect', picture, ...args);
  const { detections } = JSON.parse(stdout.trim()) as { detections: { class: string; box: number[] }[] };
  return detections.map(({ class: name, box }) => ({ name, box }));
}

/** The same classes, and each box over its twin. Near ties may change places between engines. */
function expectSame(found: readonly Listed[], expected: readonly Listed[]): void {
  expect(found.map(({ name }) => name).sort()).toEqual(expected.map(({ name }) => name).sort());
  for (const { name, box } of expected) {
    const twins = found.filter((other) => other.name === name).flatMap((other) => other.box);
    expect(Math.max(...boxIou(Float32Array.from(box), Float32Array.from(twins)))).toBeGreaterThan(0.98);
  }
}

describe.skipIf(!executable)('the page', { timeout: 240_000 }, () => {
  let built: Built;
  let browser: Browser;
  let page: Page;
  let complaints: string[];

  beforeAll(async () => {
    [built, browser] = await Promise.all([buildAndServe(), launch(executable!)]);
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    page.setDefaultTimeout(100_000); // a busy machine is slow, not wrong
    complaints = complaintsOf(page);
    await page.goto(`${built.url}?engine=wasm`);
    await settled(page);
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await built?.close();
  });

  test('finds in its first scene what Node finds', async () => {
    await useTestEngine();
    const folder = dirname(resolve('@roikit/pretrained/models/digits/detector.json'));
    const detector = await loadDetector(folder);
    const scenes = digits({ count: 1000, size: 224, split: 'test', random: mulberry32(9) });
    const { image } = await scenes.get(0);
    const expected = await detector.detect(image, { scoreThreshold: 0.8 });
    detector.dispose();
    const found = await listed(page);
    expect(found.map(({ name }) => name)).toEqual(Array.from(expected.labels, (label) => `${label - 1}`));
    const twins = found.map(({ name }, i) => ({ name, box: [...expected.boxes.subarray(4 * i, 4 * i + 4)] }));
    expectSame(found, twins);
  });

  test('every slider changes what it should', async () => {
    const number = (selector: string) => page.locator(selector).innerText();
    await slide(page, 'Lowest score', 0);
    const before = (await listed(page)).length;
    await slide(page, 'Lowest score', 0.7);
    expect((await listed(page)).length).toBeLessThan(before);

    await page.click('#stage-segments');
    await page.waitForSelector('[data-segments]');
    const segments = Number(await number('[data-segments]'));
    await slide(page, /scale/, 0.9);
    await page.waitForFunction(
      (n) => Number(document.querySelector('[data-segments]')?.textContent) < n,
      segments,
    );

    await page.click('#stage-grouping');
    await page.waitForSelector('[data-regions]');
    await slide(page, 'Merges done', 1);
    expect(await number('[data-regions]')).toBe('1');

    await page.click('#stage-nms');
    const kept = Number(await number('[data-kept]'));
    await slide(page, /overlap/, 1);
    expect(Number(await number('[data-kept]'))).toBeGreaterThan(kept);
  });

  test('hovering a region is followed through the stages', async () => {
    await page.click('#stage-result');
    await page.locator('#panel .regions button').nth(1).click();
    await page.click('#stage-scores');
    const region = await page.locator('#panel h3').first().innerText();
    await page.click('#stage-result');
    await page.locator('#panel .regions button').nth(0).click();
    await page.click('#stage-scores');
    expect(await page.locator('#panel h3').first().innerText()).not.toBe(region);
  });

  test('a dropped picture is detected in; a dropped text is refused in words, and the page goes on', async () => {
    const file = join(built.folder, 'plain.png');
    await sharp({ create: { width: 90, height: 60, channels: 3, background: '#3a6' } }).toFile(file);
    await drop(page, file, 'image/png');
    await settled(page);
    expect(await page.locator('#panel .regions button').count()).toBe(0);

    const text = join(built.folder, 'note.txt');
    await writeFile(text, 'no picture');
    await drop(page, text, 'text/plain');
    await page.getByRole('alert').getByText('note.txt is not a picture').waitFor();
    await page.getByRole('button', { name: 'Scene 1', exact: true }).click();
    await settled(page);
    expect((await listed(page)).length).toBeGreaterThan(0);
    expect(await page.getByRole('alert').innerText()).toBe('');
  });

  test('a pasted picture takes the place of the one that is shown', async () => {
    const file = join(built.folder, 'pasted.png');
    await sharp({ create: { width: 70, height: 50, channels: 3, background: '#b63' } }).toFile(file);
    await paste(page, file, 'image/png');
    await settled(page);
    expect(await page.locator('#panel .regions button').count()).toBe(0);
    await page.getByRole('button', { name: 'Scene 1', exact: true }).click();
    await settled(page);
    expect((await listed(page)).length).toBeGreaterThan(0);
  });

  test('the webcam is looked at frame by frame, and its last frame is walked through', async () => {
    await page.getByRole('button', { name: 'Webcam' }).click();
    await page.getByText(/pictures a second/).waitFor();
    await page.getByRole('button', { name: 'Look at this frame' }).click();
    await settled(page);
    expect(await page.locator('#stage-features').count()).toBe(1);
  });

  test('a detector that the command trained finds the same in the page', async () => {
    const data = await vocFolder(join(built.folder, 'shapes'));
    const out = join(built.folder, 'run');
    const recipe = writeTinyRecipe(built.folder, { epochs: 2 });
    const trained = await roikit(
      'train',
      '--data',
      data,
      '--split',
      'train',
      '--recipe',
      recipe,
      ...engine(out),
    );
    expect(trained.stderr).not.toContain('error:');
    const file = join(built.folder, 'shape.png');
    await sharp(join(data, 'JPEGImages/picture0.jpg')).toFile(file);
    const expected = await detectByCommand(file, out);
    expect(expected.length).toBeGreaterThan(0);

    await page.setInputFiles('[data-input=folder]', join(out, 'detector'));
    await settled(page);
    await page.setInputFiles('[data-input=file]', file);
    await settled(page);
    await slide(page, 'Lowest score', 0);
    expectSame(await listed(page), expected);
  });

  test('training in the page lowers the loss, and the command detects with what is downloaded', async () => {
    await page.getByRole('button', { name: 'Fast R-CNN', exact: true }).click();
    await settled(page);
    await openTab(page, 'Train');
    await slide(page, 'Scenes', 0.02);
    await slide(page, 'Epochs', 0.08);
    await slide(page, 'Shorter side', 0);
    await page.locator('button.strong').click();
    await page.getByRole('button', { name: 'Download' }).or(page.getByRole('alert').getByText(/./)).waitFor();
    expect(await page.getByRole('alert').innerText()).toBe('');
    const losses = await page.$$eval('[data-loss]', (found) => found.map((one) => Number(one.textContent)));
    expect(losses[1]).toBeLessThan(losses[0]!);

    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download' }).click(),
    ]);
    const out = join(built.folder, 'downloaded');
    for (const [path, bytes] of Object.entries(unzipSync(await readFile(await download.path())))) {
      await mkdir(dirname(join(out, path)), { recursive: true });
      await writeFile(join(out, path), bytes);
    }
    const scene = join(built.folder, 'scene.png');
    const { image } = await digits({ count: 1, size: 96, random: mulberry32(3) }).get(0);
    await writeImage(scene, image);
    const expected = await detectByCommand(scene, join(out, 'detector'));

    await page.getByRole('button', { name: 'Try it' }).click();
    await settled(page);
    await page.setInputFiles('[data-input=file]', scene);
    await settled(page);
    await slide(page, 'Lowest score', 0);
    expectSame(await listed(page), expected);
  });

  test.each(['light', 'dark'] as const)('axe finds nothing serious, %s', async (colorScheme) => {
    await page.emulateMedia({ colorScheme });
    for (const tab of ['Train', 'Detect']) {
      await openTab(page, tab);
      await page.evaluate(await readFile(resolve('axe-core/axe.min.js'), 'utf8'));
      const found = await page.evaluate(async () => {
        const { violations } = await (globalThis as unknown as { axe: Axe }).axe.run();
        return violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
      });
      expect(found.map(({ id, nodes }) => [tab, id, nodes[0]?.html])).toEqual([]);
    }
  });

  test('every kind that the page brings finds digits in the same scene, in its own stages, and its times are told', async () => {
    await page.getByRole('button', { name: 'Scene 1', exact: true }).click();
    await settled(page);
    const kinds = page.getByRole('group', { name: 'Bundled detectors' }).getByRole('button');
    const names = await kinds.allInnerTexts();
    expect(names).toEqual(['R-CNN', 'SPP-net', 'Fast R-CNN', 'Faster R-CNN']);
    for (const name of names) {
      await page.getByRole('button', { name, exact: true }).click();
      await settled(page);
      expect(await page.getByRole('button', { name, exact: true }).getAttribute('aria-pressed')).toBe('true');
      expect((await listed(page)).length).toBeGreaterThan(0);
      expect(await page.locator('#stage-anchors').count()).toBe(name === 'Faster R-CNN' ? 1 : 0);
      expect(await page.locator('#stage-features').count()).toBe(name === 'R-CNN' ? 0 : 1);
    }
    expect(await page.locator('.times thead th[scope=col]').allInnerTexts()).toEqual(names);
  });

  test('webgl finds what wasm finds', async () => {
    // Last, and in the first scene: a GPU in software takes its time, on a busy machine minutes.
    page.setDefaultTimeout(220_000);
    await page.goto(`${built.url}?engine=wasm`);
    await settled(page);
    const before = await listed(page);
    await page.getByLabel('Engine').selectOption('webgl');
    await settled(page);
    expectSame(await listed(page), before);
  });

  test('nothing was wrong on the way', () => {
    expect(complaints).toEqual([]);
  });
});
