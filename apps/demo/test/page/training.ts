import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { digits } from '@roikit/datasets';
import { mulberry32 } from '@roikit/geometry';
import { writeImage } from '@roikit/image/node';
import { unzipSync } from 'fflate';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { listed, openTab, settled, slide } from '../support';
import { longestTask } from '../mainThread';
import type { Demo } from './demo';
import { detectByCommand, expectSame } from './same';

/** Waits for the end of a training, and for nothing to have gone wrong in it. */
async function trained(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Download' }).or(page.getByRole('alert').getByText(/./)).waitFor();
  expect(await page.getByRole('alert').innerText()).toBe('');
}

/** Saves what the page offers, as a folder. */
async function download(page: Page, out: string): Promise<void> {
  const [saved] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download' }).click(),
  ]);
  for (const [path, bytes] of Object.entries(unzipSync(await readFile(await saved.path())))) {
    await mkdir(dirname(join(out, path)), { recursive: true });
    await writeFile(join(out, path), bytes);
  }
}

export function trainingCases(demo: Demo): void {
  test('training in the page lowers the loss without keeping the page busy, and the command detects with what is downloaded', async () => {
    const { page, built, browser } = demo;
    await page.getByRole('button', { name: 'Fast R-CNN', exact: true }).click();
    await settled(page);
    await openTab(page, 'Train');
    await slide(page, 'Scenes', 0.02);
    await slide(page, 'Epochs', 0.08);
    await slide(page, 'Shorter side', 0);
    const { cpu } = await longestTask(browser, page, async () => {
      await page.locator('button.strong').click();
      await trained(page);
    });
    expect(cpu).toBeLessThan(50);
    const losses = await page.$$eval('[data-loss]', (found) => found.map((one) => Number(one.textContent)));
    expect(losses[1]).toBeLessThan(losses[0]!);

    const out = join(built.folder, 'downloaded');
    await download(page, out);
    const { config, provenance } = JSON.parse(await readFile(join(out, 'detector/detector.json'), 'utf8'));
    // What the three sliders said.
    expect([provenance.images, provenance.epochs, config.transform.minSize]).toEqual([12, 3, 96]);
    const scene = join(built.folder, 'scene.png');
    const { image } = await digits({ count: 1, size: 96, random: mulberry32(3) }).get(0);
    await writeImage(scene, image);
    const expected = await detectByCommand(scene, join(out, 'detector'));

    await page.getByRole('button', { name: 'Try it' }).click();
    await settled(page);
    await page.setInputFiles('[data-input=file]', scene);
    await settled(page);
    await page.click('#stage-result');
    await slide(page, 'Lowest score', 0);
    expectSame(await listed(page), expected);
  });

  test('a picture of one’s own is marked by keyboard and learned from until it is stopped', async () => {
    const { page, built } = demo;
    const own = join(built.folder, 'own.png');
    await writeImage(own, (await digits({ count: 1, size: 96, random: mulberry32(4) }).get(0)).image);
    await openTab(page, 'Train');
    await page.getByRole('button', { name: 'My pictures' }).click();
    await page.setInputFiles('[data-input=album]', own);
    await page.getByLabel('The picture, and the boxes').press('Enter');
    expect(await page.locator('.marks li').count()).toBe(1);
    await slide(page, 'Epochs', 1);
    await slide(page, 'Shorter side', 0);
    await page.locator('button.strong').click();
    await page.locator('[data-loss=last]').or(page.getByRole('alert').getByText(/./)).waitFor();
    // Or it has come to its end by then.
    await page.getByRole('button', { name: /^(Stop|Download)$/ }).click();
    await trained(page);
    await page.getByRole('button', { name: 'Try it' }).click();
    await settled(page);
    expect(await page.getByRole('alert').innerText()).toBe('');
    expect(await page.locator('#stage-features').count()).toBe(1);
  });
}
