import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { digits } from '@roikit/datasets';
import { loadDetector } from '@roikit/detectors/node';
import { mulberry32 } from '@roikit/geometry';
import { expect, test } from 'vitest';
import { useTestEngine } from '../../../../packages/engine/test/testEngine';
import { gzippedSize, listed, settled, slide } from '../support';
import type { Demo } from './demo';
import { expectSame } from './same';
import { expectToMatter, still, type SliderCase } from './sliders';

const resolve = createRequire(import.meta.url).resolve;

const SLIDERS: SliderCase[] = [
  { stage: 'result', label: 'Lowest score', from: 0, to: 0.7, inPanel: true },
  { stage: 'segments', label: /scale/, from: 0.2, to: 0.9, inPanel: true },
  { stage: 'segments', label: /smoothing/, from: 0.2, to: 0.9, inPanel: true },
  { stage: 'grouping', label: 'Merges done', from: 0.3, to: 1, inPanel: true },
  { stage: 'proposals', label: 'Proposals shown', from: 0.05, to: 1, inPanel: true },
  { stage: 'features', label: 'Channel', from: 0, to: 0.5, inPanel: false },
  { stage: 'pooling', label: 'Channel', from: 0, to: 0.5, inPanel: true },
  { stage: 'nms', label: /overlap/, from: 0.3, to: 1, inPanel: true },
  { stage: 'accuracy', label: 'Lowest score', from: 0.05, to: 1, inPanel: true },
];

export function walkCases(demo: Demo): void {
  test('opens with less than 1.5 MB, gzipped, beside the weights', async () => {
    expect(demo.firstFiles).toContain('digits.bin');
    expect(await gzippedSize(demo.built.folder, demo.firstFiles)).toBeLessThan(1.5e6);
  });

  test('finds in its first scene what Node finds', async () => {
    await useTestEngine();
    const folder = dirname(resolve('@roikit/pretrained/models/digits/detector.json'));
    const detector = await loadDetector(folder);
    const scenes = digits({ count: 1000, size: 224, split: 'test', random: mulberry32(9) });
    const { image } = await scenes.get(0);
    const expected = await detector.detect(image, { scoreThreshold: 0.8 });
    detector.dispose();
    const found = await listed(demo.page);
    expect(found.map(({ name }) => name)).toEqual(Array.from(expected.labels, (label) => `${label - 1}`));
    const twins = found.map(({ name }, i) => ({ name, box: [...expected.boxes.subarray(4 * i, 4 * i + 4)] }));
    expectSame(found, twins);
  });

  test.each(SLIDERS)('$stage: $label changes what it should, and back', (slider) =>
    expectToMatter(demo.page, slider),
  );

  test('merges go down to one region, and a large k makes fewer segments', async () => {
    const { page } = demo;
    const number = async (selector: string) => {
      await still(page);
      return Number(await page.locator(selector).innerText());
    };
    await page.click('#stage-grouping');
    await slide(page, 'Merges done', 1);
    expect(await number('[data-regions]')).toBe(1);
    await page.click('#stage-segments');
    await slide(page, /scale/, 0.2);
    const segments = await number('[data-segments]');
    await slide(page, /scale/, 0.9);
    expect(await number('[data-segments]')).toBeLessThan(segments);
  });

  test('a region is followed through the stages', async () => {
    const { page } = demo;
    await settled(page);
    await page.click('#stage-result');
    await slide(page, 'Lowest score', 0.7);
    await page.locator('#panel .regions button').nth(1).click();
    await page.click('#stage-scores');
    const region = await page.locator('#panel h3').first().innerText();
    await page.click('#stage-result');
    await page.locator('#panel .regions button').nth(0).click();
    await page.click('#stage-scores');
    expect(await page.locator('#panel h3').first().innerText()).not.toBe(region);
  });
}
