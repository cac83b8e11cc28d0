// What the README says of the page: `npx tsx --conditions=@roikit/source apps/demo/bench/measure.ts`.
// First load, gzipped; detection of a 640 × 480 picture by stage on wasm in Chromium; the main thread's longest task.

import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { findChromium } from '../../../packages/engine/test/browser/chromium';
import { longestTask } from '../test/mainThread';
import { buildAndServe, filesAskedFor, gzippedSize, launch, openTab, settled, slide } from '../test/support';

const RUNS = 7;

/** Milliseconds that the walk shows, by stage. */
const stageTimes = (page: Page) =>
  page.$$eval('.walk button', (steps) =>
    steps.map(
      (step) =>
        [
          step.querySelector('span')!.textContent,
          Number.parseFloat(step.querySelector('small')!.textContent),
        ] as const,
    ),
  );

const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

const built = await buildAndServe();
const browser = await launch(findChromium()!);
const page = await browser.newPage();
page.setDefaultTimeout(200_000);
const asked = filesAskedFor(page, built.url);
await page.goto(`${built.url}?engine=wasm`);
await settled(page);
const bytes = await gzippedSize(built.folder, [...asked]);
console.log(`first load, gzipped: ${(bytes / 1e6).toFixed(2)} MB`);

const picture = join(built.folder, 'picture.png');
const photo = fileURLToPath(new URL('../../../docs/images/quickstart.jpg', import.meta.url));
await sharp(photo).resize(640, 480, { fit: 'cover' }).toFile(picture);
const times = new Map<string, number[]>();
const detecting = await longestTask(browser, page, async () => {
  for (let run = 0; run < RUNS; run++) {
    await page.setInputFiles('[data-input=file]', picture);
    await page.waitForTimeout(300);
    await settled(page);
    for (const [stage, ms] of await stageTimes(page)) times.set(stage!, [...(times.get(stage!) ?? []), ms]);
  }
});
for (const [stage, all] of times) {
  const known = all.slice(1).filter((ms) => !Number.isNaN(ms));
  if (known.length > 0)
    console.log(`${stage}: ${median(known)} ms (${Math.min(...known)} to ${Math.max(...known)})`);
}
await openTab(page, 'Train');
await slide(page, 'Scenes', 0.04);
await slide(page, 'Epochs', 0.08);
const training = await longestTask(browser, page, async () => {
  await page.locator('button.strong').click();
  await page.getByRole('button', { name: 'Download' }).waitFor();
});
for (const [work, { wall, cpu }] of Object.entries({ detecting, training }))
  console.log(`longest task of the main thread while ${work}: ${wall} ms, ${cpu} ms of CPU`);
await browser.close();
await built.close();
