// What the README says of the page: `npx tsx --conditions=@roikit/source apps/demo/bench/measure.ts`.
// First load, gzipped; detection of a 640 × 480 picture by stage on wasm in Chromium; the main thread's longest task.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { findChromium } from '../../../packages/engine/test/browser/chromium';
import { buildAndServe, launch, settled } from '../test/support';

const RUNS = 7;

/** Gzipped bytes of what the page has fetched, weights left out. */
async function firstLoad(folder: string, paths: readonly string[]): Promise<number> {
  const sizes = await Promise.all(
    paths
      .filter((path) => !path.endsWith('.safetensors'))
      .map(async (path) => gzipSync(await readFile(join(folder, path || 'index.html')), { level: 9 }).length),
  );
  return sizes.reduce((a, b) => a + b, 0);
}

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
const fetched = new Set<string>();
page.on('response', (response) => fetched.add(new URL(response.url()).pathname.replace('/some/where/', '')));
await page.addInitScript(() => {
  const longest = { ms: 0 };
  Object.assign(globalThis, { longest });
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) longest.ms = Math.max(longest.ms, duration);
  }).observe({ type: 'longtask', buffered: true });
});
await page.goto(`${built.url}?engine=wasm`);
await settled(page);
// files.json is the list that the service worker keeps; it comes afterwards.
console.log(`first load, gzipped: ${((await firstLoad(built.folder, [...fetched])) / 1e6).toFixed(2)} MB`);

const picture = join(built.folder, 'picture.png');
const photo = fileURLToPath(new URL('../../../docs/images/quickstart.jpg', import.meta.url));
await sharp(photo).resize(640, 480, { fit: 'cover' }).toFile(picture);
const times = new Map<string, number[]>();
await page.evaluate(() => ((globalThis as unknown as { longest: { ms: number } }).longest.ms = 0));
for (let run = 0; run < RUNS; run++) {
  await page.setInputFiles('[data-input=file]', picture);
  await page.waitForTimeout(300);
  await settled(page);
  for (const [stage, ms] of await stageTimes(page)) times.set(stage!, [...(times.get(stage!) ?? []), ms]);
}
for (const [stage, all] of times) {
  const known = all.slice(1).filter((ms) => !Number.isNaN(ms));
  if (known.length > 0)
    console.log(`${stage}: ${median(known)} ms (${Math.min(...known)} to ${Math.max(...known)})`);
}
const longest = await page.evaluate(() => (globalThis as unknown as { longest: { ms: number } }).longest.ms);
console.log(`longest task of the main thread meanwhile: ${longest < 50 ? 'under 50' : longest} ms`);
await browser.close();
await built.close();
