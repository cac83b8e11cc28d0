import type { Browser, Page as Tab } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { useEngine } from '../../src/index';
import { largestDifference } from '../onBackend';
import { trainingGradients } from '../trainingStep';
import { findChromium, openPage } from './chromium';
import type { Page } from './engine.page';

declare const page: Page;

const executable = findChromium();
if (!executable) console.warn('SKIPPED: engines in a page (no Chromium on PATH or in CHROMIUM_PATH)');

describe.skipIf(!executable)('in Chromium', () => {
  let browser: Browser;
  let tab: Tab;
  beforeAll(async () => {
    ({ browser, tab } = await openPage(executable!, new URL('engine.page.ts', import.meta.url)));
    await useEngine('cpu');
  });
  afterAll(async () => {
    await browser?.close();
  });

  it('diagnose says what a page can use, and auto takes the first', async () => {
    const report = await tab.evaluate(() => page.diagnose());
    const usable = report.engines.filter((engine) => engine.usable).map((engine) => engine.name);
    expect(usable).toEqual(['webgpu', 'webgl', 'wasm', 'cpu']);
    expect(report.auto).toBe('webgpu');
    expect(await tab.evaluate(() => page.start('auto'))).toBe('webgpu');
  });

  it.each(['webgpu', 'webgl', 'wasm', 'cpu'] as const)(
    '%s has the gradients of a training step that cpu has in Node, and keeps nothing of a hundred',
    async (name) => {
      expect(await tab.evaluate((name) => page.start(name), name)).toBe(name);
      const expected = await trainingGradients();
      const actual = await tab.evaluate(() => page.gradients());
      expected.forEach((values, i) =>
        expect(largestDifference(Float32Array.from(actual[i]!), values)).toBeLessThan(1e-4),
      );
      expect(await tab.evaluate(() => page.leakedByMany())).toEqual([0, 0]);
    },
  );

  it('kernels on webgpu agree with the cpu backend', async () => {
    const differences = await tab.evaluate(() => page.differences());
    expect(differences.length).toBeGreaterThan(20);
    expect(differences.filter(([name]) => name.includes('dilations'))).toHaveLength(4);
    expect(differences.filter(([, difference]) => !(difference < 2e-5))).toEqual([]);
  }, 180_000);

  it('the global norm is right with subgroups and without', async () => {
    await tab.evaluate(() => page.start('webgpu'));
    const { subgroups, plain, used, expected } = await tab.evaluate(() => page.norms());
    if (!subgroups) console.warn('SKIPPED: the global norm with subgroups in a page: its device has none');
    expect(plain / expected).toBeCloseTo(1, 6);
    expect(used / expected).toBeCloseTo(1, 6);
  });

  it('tensorflow is for Node, and says so', async () => {
    expect(await tab.evaluate(() => page.start('tensorflow'))).toContain('it needs Node');
  });
});
