import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { ko } from '../../src/i18n/ko';
import { openTab, settled } from '../support';
import type { Demo } from './demo';

const resolve = createRequire(import.meta.url).resolve;

interface Axe {
  run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }>;
}

async function expectAccessible(page: Page): Promise<void> {
  await page.evaluate(await readFile(resolve('axe-core/axe.min.js'), 'utf8'));
  const found = await page.evaluate(async () => {
    const { violations } = await (globalThis as unknown as { axe: Axe }).axe.run();
    return violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  });
  expect(found.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
}

/** What the page opens with. */
async function openFirst(page: Page): Promise<void> {
  await openTab(page, 'Detect');
  for (const name of ['Fast R-CNN', 'Scene 1']) {
    await page.getByRole('button', { name, exact: true }).click();
    await settled(page);
  }
}

export function accessCases(demo: Demo): void {
  test.each(['light', 'dark'] as const)('axe finds nothing serious, %s', async (colorScheme) => {
    const { page } = demo;
    await openFirst(page);
    await page.emulateMedia({ colorScheme });
    await openTab(page, 'Train');
    await expectAccessible(page);
    await openTab(page, 'Detect');
    for (const tab of await page.getByRole('tab').all()) {
      await tab.click();
      await settled(page);
      await expectAccessible(page);
    }
  });

  test('by keyboard: along the stages, and from region to region', async () => {
    const { page } = demo;
    await openFirst(page);
    await page.click('#stage-result');
    await page.keyboard.press('ArrowRight');
    const focused = () => page.evaluate(() => document.activeElement?.id);
    expect(await focused()).toBe('stage-segments');
    await page.keyboard.press('ArrowLeft');
    expect(await focused()).toBe('stage-result');
    await page.locator('.frame canvas').focus();
    await page.keyboard.press('ArrowRight');
    expect(await page.locator('#panel .regions [aria-pressed=true]').count()).toBe(1);
    await page.keyboard.press('Escape');
    expect(await page.locator('#panel .regions [aria-pressed=true]').count()).toBe(0);
  });

  test('in Korean every text is Korean', async () => {
    const { page } = demo;
    await page.getByRole('button', { name: '한국어' }).click();
    expect(await page.locator('html').getAttribute('lang')).toBe('ko');
    expect(await page.getByRole('tab').first().innerText()).toContain(ko['result.title']);
    // Names of methods and engines stay as they are.
    const latin =
      /^(?!.*\p{Script=Hangul})(?!.*(R-CNN|SPP-net|RoIAlign|English|AP50|AP\b|IoU|wasm|web|#))\p{L}{3,}/u;
    const named = await page.getByRole('button').allInnerTexts();
    expect(named.filter((text) => latin.test(text.trim()))).toEqual([]);
    await page.getByRole('button', { name: 'English' }).click();
    expect(await page.locator('html').getAttribute('lang')).toBe('en');
  });
}
