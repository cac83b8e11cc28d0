import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { digits } from '@roikit/datasets';
import { loadDetector } from '@roikit/detectors/node';
import { mulberry32 } from '@roikit/geometry';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { useTestEngine } from '../../../../packages/engine/test/testEngine';
import { gzippedSize, listed, settled, slide } from '../support';
import type { Demo } from './demo';
import { expectSame } from './same';

const resolve = createRequire(import.meta.url).resolve;

/** Stage, slider, two places of it, and whether the panel's numbers follow, or only the picture. */
const SLIDERS = [
  ['result', 'Lowest score', 0, 0.7, true],
  ['segments', /scale/, 0.2, 0.9, true],
  ['segments', /smoothing/, 0.2, 0.9, true],
  ['grouping', 'Merges done', 0.3, 1, true],
  ['proposals', 'Proposals shown', 0.05, 1, true],
  ['features', 'Channel', 0, 0.5, false],
  ['pooling', 'Channel', 0, 0.5, true],
  ['nms', /overlap/, 0.3, 1, true],
  ['accuracy', 'Lowest score', 0.05, 1, true],
] as const;

/** The picture as it is painted now. */
const painted = (page: Page) =>
  page.$eval('.frame canvas', (canvas: HTMLCanvasElement) => canvas.toDataURL());

/** What the panel says beside its sliders. */
const said = (page: Page) =>
  page.$eval('#panel', (panel) => {
    const copy = panel.cloneNode(true) as HTMLElement;
    for (const own of copy.querySelectorAll('.slider')) own.remove();
    return copy.textContent;
  });

/** Picture and panel once nothing that changes them is under way. */
async function still({ page }: Demo): Promise<{ picture: string; panel: string }> {
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  await page.waitForFunction(() => !document.querySelector('main[aria-busy=true], main [aria-busy=true]'));
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  return { picture: await painted(page), panel: await said(page) };
}

export function walkCases(demo: Demo): void {
  test('opens with less than 1.5 MB, gzipped, beside the weights', async () => {
    expect(demo.firstFiles).toContain('digits.bin');
    expect(await gzippedSize(demo.built.folder, demo.firstFiles)).toBeLessThan(1.5e6);
  });

  test('finds in its first scene what Node finds', async () => {
    await useTestEngine();
    const folder = dirname(resolve('@roikit/pretrained/models/digits/detector.json'));
    const detector = await loadDetector(folder);
    const scenes = digits({ count: 1000, size: 224, split: 'test', random: mulberry32(9) });
    const { image } = await scenes.get(0);
    const expected = await detector.detect(image, { scoreThreshold: 0.8 });
    detector.dispose();
    const found = await listed(demo.page);
    expect(found.map(({ name }) => name)).toEqual(Array.from(expected.labels, (label) => `${label - 1}`));
    const twins = found.map(({ name }, i) => ({ name, box: [...expected.boxes.subarray(4 * i, 4 * i + 4)] }));
    expectSame(found, twins);
  });

  test.each(SLIDERS)('%s: %s changes what it should, and back', async (stage, label, from, to, inPanel) => {
    const { page } = demo;
    await page.click(`#stage-${stage}`);
    await slide(page, label, from);
    const before = await still(demo);
    await slide(page, label, to);
    const after = await still(demo);
    expect(after.picture === before.picture).toBe(false);
    expect(after.panel === before.panel).toBe(!inPanel);
    await slide(page, label, from);
    expect((await still(demo)).picture === before.picture).toBe(true);
  });

  test('merges go down to one region, and a large k makes fewer segments', async () => {
    const { page } = demo;
    const number = async (selector: string) => {
      await still(demo);
      return Number(await page.locator(selector).innerText());
    };
    await page.click('#stage-grouping');
    await slide(page, 'Merges done', 1);
    expect(await number('[data-regions]')).toBe(1);
    await page.click('#stage-segments');
    await slide(page, /scale/, 0.2);
    const segments = await number('[data-segments]');
    await slide(page, /scale/, 0.9);
    expect(await number('[data-segments]')).toBeLessThan(segments);
  });

  test('a region is followed through the stages', async () => {
    const { page } = demo;
    await settled(page);
    await page.click('#stage-result');
    await slide(page, 'Lowest score', 0.7);
    await page.locator('#panel .regions button').nth(1).click();
    await page.click('#stage-scores');
    const region = await page.locator('#panel h3').first().innerText();
    await page.click('#stage-result');
    await page.locator('#panel .regions button').nth(0).click();
    await page.click('#stage-scores');
    expect(await page.locator('#panel h3').first().innerText()).not.toBe(region);
  });
}
