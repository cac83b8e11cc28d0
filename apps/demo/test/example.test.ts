import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AddressInfo } from 'node:net';
import { digits } from '@roikit/datasets';
import { mulberry32 } from '@roikit/geometry';
import { writeImage } from '@roikit/image/node';
import { expect, test } from 'vitest';
import { build } from 'vite';
import { findChromium } from '../../../packages/engine/test/browser/chromium';
import { complaintsOf, launch, serveFolder } from './support';

const executable = findChromium();
if (!executable) console.warn('SKIPPED: examples/page (no Chromium on PATH or in CHROMIUM_PATH)');

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

test.skipIf(!executable)(
  'examples/page loads a detector and finds every digit of an easy scene',
  { timeout: 240_000 },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'roikit-example-'));
    await copyFile(here('../../../examples/page/index.html'), join(folder, 'index.html'));
    const configFile = here('../vite.bundle.config.ts');
    await build({ configFile, logLevel: 'error', build: { outDir: join(folder, 'roikit') } });
    const scene = await digits({ count: 1, split: 'test', random: mulberry32(2) }).get(0);
    await writeImage(join(folder, 'scene.png'), scene.image);

    const server = await serveFolder(folder, '/');
    // Without a GPU `auto` takes wasm, which is quicker than one in software.
    const browser = await launch(executable!, ['--no-sandbox', '--disable-gpu']);
    try {
      const page = await browser.newPage();
      page.setDefaultTimeout(100_000);
      const complaints = complaintsOf(page);
      await page.goto(`http://localhost:${(server.address() as AddressInfo).port}/`);
      await page.getByText('Ready on').waitFor();
      await page.setInputFiles('input', join(folder, 'scene.png'));
      const found = await page.getByText('found.').innerText();
      expect(Number.parseInt(found)).toBeGreaterThanOrEqual(scene.truth.labels.length - 1);
      expect(complaints.filter((text) => !/adapters|WebGL/.test(text))).toEqual([]);
    } finally {
      await browser.close();
      server.close();
      await rm(folder, { recursive: true });
    }
  },
);
