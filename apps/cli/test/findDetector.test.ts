import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findDetector } from '../src/detector/findDetector';
import { temporaryFolder } from './support';

let folder: string;
beforeAll(() => {
  folder = temporaryFolder();
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A run's folder with these detectors; of the best one what its detector.json holds besides. */
function runOf(name: string, detectors: { detector?: object; 'detector-best'?: object | string }): string {
  for (const [own, content] of Object.entries(detectors)) {
    mkdirSync(join(folder, name, own), { recursive: true });
    const text = typeof content === 'string' ? content : JSON.stringify(content);
    writeFileSync(join(folder, name, own, 'detector.json'), text);
  }
  return join(folder, name);
}

describe('the detector that a run’s folder stands for', () => {
  test.each([
    [
      'the best, by pictures enough',
      { detector: {}, 'detector-best': { metrics: { images: 20 } } },
      'detector-best',
    ],
    [
      'the last, where few tell little',
      { detector: {}, 'detector-best': { metrics: { images: 19 } } },
      'detector',
    ],
    ['the best of one that was stopped', { 'detector-best': { metrics: { images: 2 } } }, 'detector-best'],
    ['the last, without a validation', { detector: {} }, 'detector'],
    ['the best, where nobody says', { detector: {}, 'detector-best': {} }, 'detector-best'],
    ['the best, damaged: whoever opens it says so', { detector: {}, 'detector-best': '{' }, 'detector-best'],
  ])('%s', (name, detectors, expected) => {
    const run = runOf(name, detectors);
    expect(findDetector(run)).toBe(join(run, expected));
    for (const own of Object.keys(detectors)) expect(findDetector(join(run, own))).toBe(join(run, own));
  });
});
