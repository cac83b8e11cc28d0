import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { testEngine } from '../../../packages/engine/test/testEngine';
import { bundledDetector } from '../src/detector/findDetector';
import { roikit, temporaryFolder } from './support';

const names = readdirSync(dirname(bundledDetector('digits')));

test.each(names)('%s is known by its name and finds digits', async (name) => {
  const out = temporaryFolder();
  const args = [
    '--data',
    'digits',
    '--count',
    '6',
    '--engine',
    testEngine,
    '--out',
    join(out, 'run'),
    '--json',
  ];
  const { code, stdout } = await roikit('evaluate', name, ...args);
  expect(code).toBe(0);
  // Chance is below .1; R-CNN, the weakest, has .6 on 60 scenes.
  expect((JSON.parse(stdout) as { ap50: number }).ap50).toBeGreaterThan(0.4);
});
