import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { listed, settled } from '../support';
import type { Demo } from './demo';

export function offlineCases(demo: Demo): void {
  test('without a network it opens again and detects', async () => {
    const { page, built } = demo;
    const files = JSON.parse(await readFile(join(built.folder, 'files.json'), 'utf8')) as string[];
    const kept = () => page.evaluate(async () => (await (await caches.open('roikit-demo')).keys()).length);
    await expect.poll(kept, { timeout: 100_000, interval: 500 }).toBeGreaterThan(files.length);
    built.network.isUp = false;
    await page.reload();
    await settled(page);
    expect((await listed(page)).length).toBeGreaterThan(0);
  });
}
