import type { Dataset } from '@roikit/datasets';
import { readFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testEngine, useTestEngine } from '../../../packages/engine/test/testEngine';
import { openRun } from '../src/training/run';
import { resolveSettings, type TrainFlags } from '../src/training/settings';
import { saveRandomDetector, temporaryFolder } from './support';

let folder: string;
let detector: string;
beforeAll(async () => {
  await useTestEngine();
  folder = temporaryFolder();
  detector = await saveRandomDetector(join(folder, 'detector'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const engine = { name: testEngine, version: '', threads: 1, detail: '' };
const dataset: Dataset = {
  name: 'none',
  classes: ['a'],
  length: 10,
  id: String,
  get: () => Promise.reject(new Error('never read')),
};

/** The backbone's share of the learning rate, of a run of these flags, as its config.json has it. */
async function backboneFactor(out: string, flags: Partial<TrainFlags>, frozenThrough: string | null) {
  const backbone = { name: 'squeezenet1_1', layers: ['features.4'], frozenThrough };
  const own = { type: 'fast-rcnn' as const, backbone, neck: null, head: { hidden: [8] } };
  const settings = resolveSettings({ engine: 'auto', data: 'x', ...flags }, { detector: own });
  mkdirSync(out, { recursive: true });
  const run = await openRun({ out, settings, engine, data: { dataset } });
  run.detector.dispose();
  const { training } = JSON.parse(readFileSync(join(out, 'config.json'), 'utf8')) as {
    training: { optimizer: { backboneFactor: number } };
  };
  return training.optimizer.backboneFactor;
}

test('whether a backbone is pretrained is told by the weights that are given, not by its frozen layers', async () => {
  const weights = join(detector, 'weights.safetensors');
  const out = (name: string) => join(folder, name);
  expect(await backboneFactor(out('random'), {}, 'features.0')).toBe(1);
  expect(await backboneFactor(out('from'), { from: detector }, null)).toBe(0.2);
  expect(await backboneFactor(out('weights'), { weights }, null)).toBe(0.2);
  // A run with a checkpoint needs the file no more, and is what it was.
  writeFileSync(join(out('weights'), 'checkpoint.safetensors'), '');
  expect(await backboneFactor(out('weights'), { weights: `${weights}-is-gone` }, null)).toBe(0.2);
});
