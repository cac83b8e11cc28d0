import { expect, test } from 'vitest';
import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { bundledDetector } from '../src/detector/findDetector';
import { testEngine } from '../../../packages/engine/test/testEngine';
import { roikit, temporaryFolder } from './support';

const missing = !existsSync(join(bundledDetector('digits'), 'detector.json'));
if (missing) console.warn('quickstart is not tested: packages/pretrained has no digits detector yet');

test.skipIf(missing)('quickstart finds most digits of a dozen scenes and shows where to look', async () => {
  const out = temporaryFolder();
  const { code, stdout } = await roikit('quickstart', '--engine', testEngine, '--out', out);
  expect(code).toBe(0);
  expect(stdout).toContain(join(out, 'report.html'));
  expect(stdout).toMatch(/^proposals +[\d.,]+$/m);
  expect(stdout).toContain('roikit train');
  expect(readdirSync(out).filter((name) => name.endsWith('.png'))).toHaveLength(12);
  const { images, ap50 } = JSON.parse(readFileSync(join(out, 'report.json'), 'utf8')) as {
    images: number;
    ap50: number;
  };
  expect(images).toBe(12);
  // Chance is below 0.1; the detector reaches 0.85 on 200 scenes, a dozen scatter around that.
  expect(ap50).toBeGreaterThan(0.6);
  rmSync(out, { recursive: true });
});
