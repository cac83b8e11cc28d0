import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { findChromium } from '../../../packages/engine/test/browser/chromium';
import { digitPool } from '../build/digitPool';
import { toMnist } from '../src/worker/glyphs';
import { accessCases } from './page/access';
import type { Demo } from './page/demo';
import { engineCases } from './page/engines';
import { inputCases } from './page/inputs';
import { offlineCases } from './page/offline';
import { trainingCases } from './page/training';
import { walkCases } from './page/walk';
import { buildAndServe, complaintsOf, filesAskedFor, launch, noteDrawing, settled } from './support';

// The page's handwriting, so that Node paints its scenes.
vi.mock('mnist', async () => ({ default: toMnist(gunzipSync(await digitPool())) }));

const executable = findChromium();
if (!executable) console.warn('SKIPPED: the demo page (no Chromium on PATH or in CHROMIUM_PATH)');

describe.skipIf(!executable)('the page', { timeout: 240_000 }, () => {
  const demo = {} as Demo;
  let complaints: string[];

  beforeAll(async () => {
    [demo.built, demo.browser] = await Promise.all([buildAndServe(), launch(executable!)]);
    demo.page = await demo.browser.newPage({ viewport: { width: 1280, height: 900 } });
    demo.page.setDefaultTimeout(100_000); // a busy machine is slow, not wrong
    complaints = complaintsOf(demo.page);
    await noteDrawing(demo.page);
    const asked = filesAskedFor(demo.page, demo.built.url);
    await demo.page.goto(`${demo.built.url}?engine=wasm`);
    await settled(demo.page);
    demo.firstFiles = [...asked];
  }, 240_000);
  afterAll(async () => {
    await demo.browser?.close();
    await demo.built?.close();
  });

  walkCases(demo);
  inputCases(demo);
  trainingCases(demo);

  // Before axe, which draws on canvases of its own.
  test('so far the page’s own thread has drawn nothing and read no pixels back', async () => {
    const drawnOn = () => (globalThis as unknown as { drawnOn: string[] }).drawnOn;
    expect(await demo.page.evaluate(drawnOn)).toEqual([]);
  });

  accessCases(demo);
  engineCases(demo);

  test('nothing was wrong on the way', () => {
    expect(complaints).toEqual([]);
  });

  offlineCases(demo);
});
