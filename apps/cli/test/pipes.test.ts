import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { PictureRecord } from '../src/detection/record';
import { LOADER, MAIN } from './jobsSupport';
import { roikit, saveRandomDetector, temporaryFolder, vocFolder } from './support';

const hasBash = spawnSync('bash', ['-c', 'cat <(echo)']).status === 0;
if (!hasBash) console.warn('a picture as <(command) is not tested: there is no bash that has it');

test.skipIf(!hasBash)(
  'a picture as <(command), whose file is a pipe',
  async () => {
    const folder = temporaryFolder();
    const data = await vocFolder(join(folder, 'shapes'), { pictures: 1 });
    const file = join(data, 'JPEGImages', 'picture0.jpg');
    const model = await saveRandomDetector(join(folder, 'random'));
    const args = ['--model', model, '--score', '0.01', '--engine', 'wasm', '--save', 'none', '--json'];
    const command = [process.execPath, ...LOADER, MAIN, 'detect', ...args];
    const { stdout, stderr } = spawnSync('bash', ['-c', '"$@" <(cat "$0")', file, ...command], {
      encoding: 'utf8',
    });
    expect(stdout + stderr).toMatch(/^\{"image":"\/dev\/fd\/\d+"/);
    const detections = (text: string) => (JSON.parse(text) as PictureRecord).detections;
    const same = await roikit('detect', file, ...args);
    expect(detections(stdout)).toEqual(detections(same.stdout));
    rmSync(folder, { recursive: true });
  },
  120_000,
);
