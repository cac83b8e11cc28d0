import { chromium } from 'playwright-core';
import { expect, test } from 'vitest';
import { bundleForBrowser, findChromium } from '../../engine/test/browser/chromium';
import { selectiveSearch } from '../src/index';
import { noise } from './images';

const executablePath = findChromium();
if (executablePath === undefined)
  console.warn('SKIPPED: selective search in a web worker (no Chromium on PATH or in CHROMIUM_PATH)');

/** What the page does: a worker from the bundle, one image in, boxes out. */
const pageCode = (script: string, width: number, height: number, bytes: number[]) => `
  const worker = new Worker(URL.createObjectURL(new Blob([${JSON.stringify(script)}])));
  new Promise((resolve, reject) => {
    worker.onerror = (event) => reject(new Error(event.message));
    worker.onmessage = ({ data }) => resolve({ boxes: [...data.boxes], scores: [...data.scores] });
    worker.postMessage({ data: Uint8Array.of(${bytes.join()}), width: ${width}, height: ${height} });
  })`;

test.skipIf(executablePath === undefined)('in a web worker: the boxes of Node', async () => {
  const image = noise(60, 40, 2);
  const script = await bundleForBrowser(new URL('search.page.ts', import.meta.url));
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage();
    const answer = await page.evaluate(pageCode(script, 60, 40, [...image.data]));
    const { boxes, scores } = selectiveSearch(image);
    expect(answer).toEqual({ boxes: [...boxes], scores: [...scores] });
  } finally {
    await browser.close();
  }
});
