import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundleForBrowser, findChromium, openPage } from '../../engine/test/browser/chromium';
import { selectiveSearch } from '../src/index';
import { noise } from './images';

const executablePath = findChromium();
if (executablePath === undefined)
  console.warn('SKIPPED: selective search in web workers (no Chromium on PATH or in CHROMIUM_PATH)');

interface Answer {
  one: number[];
  many: number[][];
  late: string;
  failed: string;
}

describe.skipIf(executablePath === undefined)('in web workers', () => {
  let browser: Browser;
  let tab: Page;
  let answer: Answer;
  beforeAll(async () => {
    ({ browser, tab } = await openPage(executablePath!, new URL('pool.page.ts', import.meta.url)));
    const script = await bundleForBrowser(new URL('../src/webWorker.ts', import.meta.url));
    answer = await tab.evaluate(
      (text) => (globalThis as unknown as { search(script: string): Promise<Answer> }).search(text),
      script,
    );
  });
  afterAll(() => browser?.close());

  test('one picture: the boxes of Node', () => {
    expect(answer.one).toEqual([...selectiveSearch(noise(60, 40, 2)).boxes]);
  });

  test('many pictures, in order', () => {
    const images = [3, 4, 5, 6, 7].map((seed) => noise(20 + seed, 20, seed));
    expect(answer.many).toEqual(images.map((image) => [...selectiveSearch(image, { mode: 'single' }).boxes]));
  });

  test('what is still waiting when the pool is closed, and a worker that does not start, are errors', () => {
    expect(answer.late).toBe('selectiveSearchPool: the pool is closed');
    expect(answer.failed).toMatch(/^selectiveSearchPool: a worker failed: .*Unexpected/);
  });
});
