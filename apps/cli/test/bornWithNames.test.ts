import { openDataset } from '@roikit/datasets/node';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testEngine } from '../../../packages/engine/test/testEngine';
import { roikit, temporaryFolder, vocFolder, writeTinyRecipe } from './support';

// Classes may be called what every object of JavaScript is born with.
const NAMES: [string, string] = ['__proto__', 'toString'];

let folder: string;
let data: string;
beforeAll(async () => {
  folder = temporaryFolder();
  data = await vocFolder(join(folder, 'data'), { names: NAMES });
});
afterAll(() => rmSync(folder, { recursive: true }));

async function succeeds(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await roikit(...args);
  expect({ code, error: code === 0 ? '' : stderr }).toEqual({ code: 0, error: '' });
  return stdout;
}

test('such names survive training, evaluation, detection and conversion', async () => {
  const engine = ['--engine', testEngine];
  const run = join(folder, 'run');
  const measured = ['--data', data, '--split', 'train', '--val-split', 'val', '--json'];
  const recipe = ['--recipe', writeTinyRecipe(folder), '--cache', join(folder, 'cache')];
  const counted = [
    { name: NAMES[0], annotated: 2 },
    { name: NAMES[1], annotated: 2 },
  ];
  const trained = await succeeds('train', ...measured, ...recipe, ...engine, '--out', run);
  expect(JSON.parse(trained)).toMatchObject({ classes: counted });

  const report = join(folder, 'report');
  await succeeds('evaluate', run, '--data', data, '--split', 'val', ...engine, '--out', report);
  const written = (name: string) => readFileSync(join(report, name), 'utf8');
  expect(JSON.parse(written('results.json'))).toMatchObject({ classes: counted });
  expect(written('results.csv')).toMatch(/^__proto__,2,.*\r\ntoString,2,/m);
  expect(written('report.html')).toContain('__proto__');

  for (const format of ['coco', 'yolo', 'voc']) {
    const found = join(folder, `found-${format}`);
    const detect = ['detect', join(data, 'JPEGImages'), '--model', run, '--score', '0.001', ...engine];
    await succeeds(...detect, '--format', format, '--out', found);
    const { classes } = await openDataset(join(found, format));
    expect(classes.length).toBeGreaterThan(0);
    expect(NAMES).toEqual(expect.arrayContaining([...classes]));
    const converted = join(folder, `converted-${format}`);
    await succeeds('dataset', 'convert', data, converted, '--split', 'val', '--to', format);
    expect([...(await openDataset(converted)).classes].sort()).toEqual(NAMES);
  }
}, 120_000);
