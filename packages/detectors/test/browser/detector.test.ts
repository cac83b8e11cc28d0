import { afterAll, beforeAll, describe, test } from 'vitest';
import { findChromium, openPage } from '../../../engine/test/browser/chromium';
import { expectRun } from '../expectRun';
import { golden, type NetGolden } from '../torchvisionGolden';
import type { Page } from './detector.page';

declare const page: Page;

const ARCHITECTURE = 'fasterrcnn_mobilenet_v3_large_320_fpn';
const net = golden.nets[ARCHITECTURE]!;

const executable = findChromium();
if (!executable) console.warn('SKIPPED: Faster R-CNN on webgpu (no Chromium on PATH or in CHROMIUM_PATH)');

describe.skipIf(!executable)('on webgpu in Chromium', () => {
  let opened: Awaited<ReturnType<typeof openPage>>;
  let started: string;
  beforeAll(async () => {
    opened = await openPage(executable!, new URL('detector.page.ts', import.meta.url));
    started = await opened.tab.evaluate(() => page.start());
    if (started !== 'webgpu') console.warn(`SKIPPED: Faster R-CNN on webgpu: ${started}`);
  });
  afterAll(async () => {
    await opened?.browser.close();
  });

  test('maps, anchors, proposals and detections are torchvision’s', async ({ skip }) => {
    if (started !== 'webgpu') skip();
    const run = net.runs[0]!;
    const given: [string, NetGolden] = [ARCHITECTURE, { ...net, runs: [run] }];
    const compared = await opened.tab.evaluate(
      ([architecture, golden]) => page.compare(architecture, golden),
      given,
    );
    expectRun(compared, run, 1e-3);
  }, 600_000);
});
