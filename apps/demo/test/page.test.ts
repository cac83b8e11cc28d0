import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { digits } from '@roikit/datasets';
import { loadDetector } from '@roikit/detectors/node';
import { boxIou, mulberry32 } from '@roikit/geometry';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { findChromium } from '../../../packages/engine/test/browser/chromium';
import { useTestEngine } from '../../../packages/engine/test/testEngine';
import { digitPool } from '../build/digitPool';
import { toMnist } from '../src/worker/glyphs';
import { buildAndServe, complaintsOf, launch, listed, settled, slide, type Built } from './support';

// The page's handwriting, so that Node paints its scenes.
vi.mock('mnist', async () => ({ default: toMnist(gunzipSync(await digitPool())) }));

const executable = findChromium();
if (!executable) console.warn('SKIPPED: the demo page (no Chromium on PATH or in CHROMIUM_PATH)');

const resolve = createRequire(import.meta.url).resolve;

describe.skipIf(!executable)('the page', () => {
  let built: Built;
  let browser: Browser;
  let page: Page;
  let complaints: string[];

  beforeAll(async () => {
    [built, browser] = await Promise.all([buildAndServe(), launch(executable!)]);
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
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
    const scenes = digits({ count: 1000, size: 224, split: 'test', random: mulberry32(7) });
    const { image } = await scenes.get(0);
    const expected = await detector.detect(image, { scoreThreshold: 0.5 });
    detector.dispose();
    const found = await listed(page);
    expect(found.map(({ name }) => name)).toEqual(Array.from(expected.labels, (label) => `${label - 1}`));
    const boxes = Float32Array.from(found.flatMap(({ box }) => box));
    const overlaps = boxIou(boxes, expected.boxes);
    for (let i = 0; i < found.length; i++) expect(overlaps[i * (found.length + 1)]).toBeGreaterThan(0.98);
  });

  test('every slider changes what it should', async () => {
    const number = (selector: string) => page.locator(selector).innerText();
    const before = (await listed(page)).length;
    await slide(page, 'Lowest score', 0.98);
    expect((await listed(page)).length).toBeLessThan(before);
    await slide(page, 'Lowest score', 0.5);

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

  test('nothing was wrong on the way', () => {
    expect(complaints).toEqual([]);
  });
});
