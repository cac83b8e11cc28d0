import { DETECTORS } from '@roikit/detectors';
import { parseCocoResults } from '@roikit/geometry';
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testEngine } from '../../../packages/engine/test/testEngine';
import { roikit, temporaryFolder, vocFolder } from './support';

let folder: string;
let data: string;
beforeAll(async () => {
  folder = temporaryFolder();
  data = await vocFolder(join(folder, 'shapes'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const read = (...path: string[]) => readFileSync(join(folder, ...path), 'utf8');

/** Settings with which every kind takes seconds. */
function writeRecipes(): string {
  const recipes = join(folder, 'recipes');
  mkdirSync(recipes, { recursive: true });
  const proposals = { mode: 'single', maxProposals: 40 };
  const head = { hidden: [32] };
  const transform = { minSize: 96, maxSize: 96 };
  const backbone = { name: 'squeezenet1_1', layers: ['features.4'] };
  const settings = {
    rcnn: { backbone, proposals, head, regions: { size: 48, outputSize: [2, 2] } },
    'spp-net': { backbone, proposals, head, transform, regions: { levels: [1, 2] } },
    'fast-rcnn': { backbone, proposals, head, transform, regions: { outputSize: [3, 3] } },
  };
  for (const [type, detector] of Object.entries(settings)) {
    const recipe = { detector: { type, ...detector }, training: { batch: { images: 2, regions: 16 } } };
    writeFileSync(join(recipes, `${type}.json`), JSON.stringify(recipe));
  }
  return recipes;
}

const types = ['rcnn', 'spp-net', 'fast-rcnn'] as const;
/** And the last once more, compressed. */
const compared = [...types, 'fast-rcnn+svd'];

const compare = (path: string, out: string, ...more: string[]) => {
  const what = ['--types', compared.join(), '--data', path, '--recipes', writeRecipes(), '--epochs', '1'];
  const where = ['--out', join(folder, out), '--engine', testEngine, '--cache', join(folder, 'cache')];
  return roikit('compare', ...what, ...where, ...more);
};

test('trains and measures every kind on the same pictures, and tells it in one table', async () => {
  const { code, stdout, stderr } = await compare(data, 'all', '--split', 'train', '--test-split', 'val');
  expect(stderr).not.toContain('error:');
  expect(code).toBe(0);
  for (const type of types) expect(stdout).toContain(DETECTORS[type].about.name);
  expect(stdout).toContain('Fast R-CNN, SVD');
  for (const row of [
    'AP50',
    'fine-tune',
    'svm',
    'boxes',
    'without proposals',
    'features',
    'NMS',
    'speed-up',
    'weights',
  ])
    expect(stdout).toContain(row);

  const runs = JSON.parse(read('all', 'compare.json')) as {
    data: unknown;
    bytes: number;
    milliseconds: { training: Record<string, number>; test: Record<string, number> };
  }[];
  expect(new Set(runs.map((run) => JSON.stringify(run.data))).size).toBe(1);
  expect(Object.keys(runs[0]!.milliseconds.training)).toEqual(['data', 'fine-tune', 'svm', 'boxes', 'total']);
  expect(Object.keys(runs[2]!.milliseconds.training)).toEqual(['data', 'fine-tune', 'total']);
  expect(runs[3]!.milliseconds.training).toEqual(runs[2]!.milliseconds.training);
  expect(runs[3]!.bytes).toBeLessThan(runs[2]!.bytes);
  for (const { milliseconds } of runs) expect(milliseconds.test.withoutProposals).toBeGreaterThan(0);

  const { images, classes } = JSON.parse(read('all', 'rcnn', 'measured.json')) as Record<string, string[]>;
  const detections = parseCocoResults(read('all', 'rcnn', 'detections.json'), {
    imageIds: images!,
    categoryIds: classes!.map((_, i) => i + 1),
  });
  expect(detections.length).toBe(2);
  const page = read('all', 'compare.html');
  // Two pictures, each once a detector.
  expect(page.match(/<image /g)?.length).toBe(8);

  // What is finished is not done again.
  const again = await compare(data, 'all', '--split', 'train', '--test-split', 'val');
  expect(again.code).toBe(0);
  expect(again.stderr.match(/measured already/g)?.length).toBe(4);
  expect(again.stdout).toBe(stdout);
}, 240_000);

test('finished runs are compared; what was measured on other pictures is refused', async () => {
  const [a, b] = [join(folder, 'all', 'rcnn'), join(folder, 'all', 'fast-rcnn')];
  const { code, stdout } = await roikit('compare', b, a, '--out', join(folder, 'two'));
  expect(code).toBe(0);
  expect(stdout.indexOf('Fast R-CNN')).toBeLessThan(
    stdout.indexOf(' R-CNN', stdout.indexOf('Fast R-CNN') + 11),
  );
  expect(existsSync(join(folder, 'two', 'compare.html'))).toBe(true);

  const other = join(folder, 'other');
  const common = ['--engine', testEngine, '--data', data];
  const evaluated = await roikit('evaluate', a, ...common, '--split', 'train', '--out', other);
  expect(evaluated.code).toBe(0);
  const refused = await roikit('compare', a, other);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toMatch(
    /rcnn and .*other were measured on different data \(2 and 4 pictures, 0 of them in both\)/,
  );

  const changed = join(folder, 'changed');
  cpSync(b, changed, { recursive: true });
  const about = JSON.parse(read('changed', 'measured.json')) as object;
  writeFileSync(join(changed, 'measured.json'), JSON.stringify({ ...about, fingerprint: '0' }));
  expect((await roikit('compare', a, changed)).stderr).toMatch(/the same pictures with other annotations/);
}, 60_000);

test('a second call that asks for something else is refused, not answered with what is there', async () => {
  const second = (...more: string[]) =>
    compare(data, 'all', '--split', 'train', '--test-split', 'val', '--epochs', '1', ...more);
  const other = await second('--lr', '0.1', '--test-pictures', '1');
  expect(other.code).toBe(1);
  expect(other.stderr).toMatch(
    /all.rcnn: it was entered with other settings \(settings\.training\.optimizer.* was not set, is .*testPictures was not set, is 1\); give the same, or choose another --out/,
  );
  const same = await second();
  expect(same.stderr).toMatch(/fast-rcnn\+svd: measured already/);
  expect(same.code).toBe(0);
}, 60_000);

test('digits, one epoch: a small comparison from nothing but a command', async () => {
  const out = await compare('digits', 'digits', '--train-pictures', '3', '--test-pictures', '2');
  expect(out.stderr).not.toContain('error:');
  expect(out.code).toBe(0);
  expect(out.stdout).toContain('AP50');
}, 240_000);

test('what cannot be compared is said', async () => {
  const usage = async (...args: string[]) => (await roikit('compare', ...args)).stderr;
  expect(await usage()).toMatch(/give the folders of finished runs, or --data and --types/);
  expect(await usage('--data', data, '--types', 'yolo')).toMatch(/--types: must be from .*rcnn.*, got yolo/);
  expect(await usage('--data', data, '--types', 'rcnn,fast-rcnn+svd')).toMatch(
    /fast-rcnn\+svd is fast-rcnn once more, compressed; write fast-rcnn,fast-rcnn\+svd/,
  );
  expect(await usage(join(folder, 'all', 'rcnn'))).toMatch(/two runs or more/);
  expect(await usage(data, folder)).toMatch(/no measured run \(no measured.json\)/);
});

test('compress makes a detector smaller, says by how much, and what it writes is measured like any other', async () => {
  const [run, out] = [join(folder, 'all', 'fast-rcnn'), join(folder, 'small')];
  const { code, stdout } = await roikit(
    'compress',
    run,
    '--ranks',
    'fc6=4',
    '--out',
    out,
    '--engine',
    testEngine,
  );
  expect(code).toBe(0);
  // 3 × 3 cells of the neck's 96 channels to 32 units.
  expect(stdout).toMatch(/fc6 +4 +27,648 +3,584 +\d/);
  const evaluated = await roikit(
    'evaluate',
    out,
    '--data',
    data,
    '--engine',
    testEngine,
    '--out',
    join(folder, 'e'),
  );
  expect(evaluated.code).toBe(0);
  const wrong = await roikit('compress', run, '--ranks', 'fc6', '--out', out);
  expect(wrong.stderr).toContain('It must be like fc6=64,fc7=32.');
  const none = await roikit('compress', run, '--ranks', 'fc9=2', '--out', out, '--engine', testEngine);
  expect(none.stderr).toContain("the head's own (fc6), got fc9");
}, 60_000);
