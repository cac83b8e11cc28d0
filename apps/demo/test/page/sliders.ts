import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { slide } from '../support';

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

const twoFrames = (page: Page) =>
  page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));

/** Waits until nothing that changes picture or panel is under way. */
export async function still(page: Page): Promise<void> {
  await twoFrames(page);
  await page.waitForFunction(() => !document.querySelector('main[aria-busy=true], main [aria-busy=true]'));
  await twoFrames(page);
}

export interface SliderCase {
  stage: string;
  label: string | RegExp;
  /** Two places of it, as shares of its range. */
  from: number;
  to: number;
  /** Whether what the panel says follows, too, not only the picture. */
  inPanel: boolean;
}

/** Moves a slider and back: the picture is another one, then the same as before. */
export async function expectToMatter(
  page: Page,
  { stage, label, from, to, inPanel }: SliderCase,
): Promise<void> {
  const at = async (share: number) => {
    await slide(page, label, share);
    await still(page);
    return { picture: await painted(page), panel: await said(page) };
  };
  await page.click(`#stage-${stage}`);
  const before = await at(from);
  const after = await at(to);
  expect(after.picture === before.picture).toBe(false);
  expect(after.panel === before.panel).toBe(!inPanel);
  expect((await at(from)).picture === before.picture).toBe(true);
}
