import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import { expect, test } from 'vitest';
import { selectiveSearch } from '../src/index';
import { noise } from './images';

const names = ['chromium', 'chromium-browser', 'google-chrome'];
const found = [process.env['CHROMIUM_PATH'] ?? '', ...names].find(
  (name) => name && spawnSync(name, ['--version']).status === 0,
);
if (found === undefined)
  console.warn(
    'SKIPPED: no Chromium on PATH or in CHROMIUM_PATH, selective search in a web worker is not tested',
  );
const executablePath = found?.includes('/')
  ? found
  : spawnSync('which', [found ?? ''])
      .stdout.toString()
      .trim();

const WORKER = `
  import { selectiveSearch } from './index';
  onmessage = ({ data: image }) => postMessage(selectiveSearch(image));
`;

/** What the page does: a worker from the bundle, one image in, boxes out. */
const pageCode = (script: string, width: number, height: number, bytes: number[]) => `
  const worker = new Worker(URL.createObjectURL(new Blob([${JSON.stringify(script)}])));
  new Promise((resolve, reject) => {
    worker.onerror = (event) => reject(new Error(event.message));
    worker.onmessage = ({ data }) => resolve({ boxes: [...data.boxes], scores: [...data.scores] });
    worker.postMessage({ data: Uint8Array.of(${bytes.join()}), width: ${width}, height: ${height} });
  })`;

test.skipIf(found === undefined)(
  'in a web worker (skipped without Chromium): the boxes of Node',
  async () => {
    const resolveDir = fileURLToPath(new URL('../src', import.meta.url));
    const { outputFiles } = await build({
      stdin: { contents: WORKER, resolveDir, loader: 'ts' },
      bundle: true,
      write: false,
      platform: 'browser',
      conditions: ['@roikit/source'],
      logLevel: 'error',
    });
    const image = noise(60, 40, 2);
    const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
    try {
      const page = await browser.newPage();
      const answer = await page.evaluate(pageCode(outputFiles[0]!.text, 60, 40, [...image.data]));
      const { boxes, scores } = selectiveSearch(image);
      expect(answer).toEqual({ boxes: [...boxes], scores: [...scores] });
    } finally {
      await browser.close();
    }
  },
);
