import { useEngine } from '../../src/index';
import type { Browser, Page as Tab } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { trainTinyClassifier } from '../../../classification/test/webgpuRuns';
import { findChromium, openPage } from './chromium';
import { trainTiny } from '../../../detectors/test/webgpuRuns';
import type { Page } from './training.page';

declare const page: Page;

const executable = findChromium();
if (!executable)
  console.warn('SKIPPED: training on webgpu in a page (no Chromium on PATH or in CHROMIUM_PATH)');

const difference = (a: number[], b: number[]) => Math.max(...a.map((value, i) => Math.abs(value - b[i]!)));

const onWasm = {
  detector: async (type: 'sgd' | 'adamw') => {
    const { losses, weights } = await trainTiny(type);
    return { losses, weights: Object.values(weights).flat() };
  },
  classifier: trainTinyClassifier,
};

describe.skipIf(!executable)('in Chromium, on webgpu', () => {
  let browser: Browser;
  let tab: Tab;
  beforeAll(async () => {
    ({ browser, tab } = await openPage(executable!, new URL('training.page.ts', import.meta.url)));
    await useEngine('wasm');
    await tab.evaluate(() => page.start());
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
  });

  // Each rule once, and each kind: Node runs all four on the same driver.
  test.each([
    ['detector', 'adamw'],
    ['classifier', 'sgd'],
  ] as const)(
    'a %s trains by %s as on wasm in Node, resumed after its first step, and keeps nothing of a hundred',
    async (kind, type) => {
      const expected = await onWasm[kind](type);
      const actual = await tab.evaluate(([kind, type]) => page[kind](type, 1), [kind, type] as const);
      expect(actual.losses).toHaveLength(3);
      expect(difference(actual.losses, expected.losses)).toBeLessThan(1e-4);
      // AdamW's first steps are of the gradients' signs: one near zero may turn.
      expect(difference(actual.weights, expected.weights)).toBeLessThan(type === 'sgd' ? 1e-4 : 4e-3);
      const kept = await tab.evaluate(([kind, type]) => page.kept[kind](type), [kind, type] as const);
      expect(kept.steps).toBeGreaterThanOrEqual(100);
      expect(kept.dispatches).toBeGreaterThan(50 * kept.steps);
      expect(kept.after.last).toEqual(kept.after.first);
    },
    300_000,
  );
});
