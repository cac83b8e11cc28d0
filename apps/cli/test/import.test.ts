import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { testEngine } from '../../../packages/engine/test/testEngine';
import { startHub } from './hubServer';
import { roikit, temporaryFolder, torchvisionFile, vocFolder } from './support';

const ARCHITECTURE = 'fasterrcnn_mobilenet_v3_large_320_fpn';
const engine = ['--engine', testEngine];
const kind = ['--architecture', ARCHITECTURE];

let folder: string;
let data: string;
let file: string;
beforeAll(async () => {
  folder = temporaryFolder();
  data = await vocFolder(join(folder, 'shapes'));
  file = join(folder, 'weights.safetensors');
  torchvisionFile(file);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What a run printed, a line of JSON a picture, but for its times. */
const detections = (stdout: string) =>
  stdout
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { detections: unknown[] }).detections);

test('torchvision’s weights are imported; the folder detects as the file does, and other classes are trained from it', async () => {
  const out = join(folder, 'imported');
  const imported = await roikit('import', file, ...kind, ...engine, '--out', out);
  expect(imported).toMatchObject({ code: 0, stdout: expect.stringContaining(`detector: ${out}`) as string });

  const detect = (...model: string[]) =>
    roikit(
      'detect',
      join(data, 'JPEGImages/picture0.jpg'),
      ...model,
      ...engine,
      '--json',
      '--save',
      'none',
      '--score',
      '0',
    );
  const fromFolder = await detect('--model', out);
  const fromFile = await detect('--model', file, ...kind);
  expect([fromFolder.code, fromFile.code]).toEqual([0, 0]);
  expect(detections(fromFile.stdout)[0]!.length).toBeGreaterThan(0);
  expect(detections(fromFile.stdout)).toEqual(detections(fromFolder.stdout));

  const run = join(folder, 'run');
  const recipe = join(folder, 'recipe.json');
  const training = {
    epochs: 1,
    batch: { images: 1, regions: 8, anchors: 16, proposals: 20 },
    augment: { scale: [1, 1] },
  };
  writeFileSync(recipe, JSON.stringify({ training }));
  const train = [
    'train',
    '--data',
    data,
    '--split',
    'val',
    '--val-share',
    '0',
    '--recipe',
    recipe,
    '--out',
    run,
  ];
  const trained = await roikit(...train, '--from', out, ...engine);
  expect(trained).toMatchObject({ code: 0 });
  expect(trained.stderr).toContain(`from ${out}`);
  const { config } = JSON.parse(readFileSync(join(run, 'detector/detector.json'), 'utf8')) as {
    config: { type: string; classes: string[]; cells: string };
  };
  expect(config).toMatchObject({ type: 'faster-rcnn', cells: 'corner', classes: ['bar', 'square'] });
}, 600_000);

test('hf: names are fetched once, for import and for detect --model with --architecture', async () => {
  const bytes = readFileSync(file);
  const hub = await startHub({
    '/me/coco/resolve/main/v1/detector.safetensors': { bytes },
    '/me/coco/resolve/main/model.safetensors': { bytes },
  });
  vi.stubEnv('HF_ENDPOINT', hub.url);
  for (const home of ['XDG_CACHE_HOME', 'LOCALAPPDATA', 'HOME']) vi.stubEnv(home, join(folder, 'cache')); // whichever the system looks at
  try {
    const picture = join(data, 'JPEGImages/picture1.jpg');
    const detect = (...model: string[]) =>
      roikit('detect', picture, ...model, ...engine, '--json', '--save', 'none', '--score', '0');
    const out = join(folder, 'from-hub');
    const imported = await roikit(
      'import',
      'hf:me/coco/v1/detector.safetensors',
      ...kind,
      ...engine,
      '--out',
      out,
    );
    expect(imported).toMatchObject({ code: 0 });
    expect(imported.stderr).toContain('hf:me/coco/v1/detector.safetensors is kept in');
    const direct = await detect('--model', 'hf:me/coco', ...kind);
    expect(direct).toMatchObject({ code: 0 });
    expect(hub.requests).toContain('/me/coco/resolve/main/model.safetensors');
    const asked = hub.requests.length;
    const again = await detect('--model', 'hf:me/coco', ...kind);
    expect(hub.requests.length).toBe(asked);
    expect(existsSync(join(out, 'detector.json'))).toBe(true);
    expect(detections(direct.stdout)[0]!.length).toBeGreaterThan(0);
    expect(detections(again.stdout)).toEqual(detections(direct.stdout));

    const missing = await detect('--model', 'hf:me/coco/none.pth', ...kind);
    expect(missing.code).toBe(1);
    expect(missing.stderr).toContain('hf:me/coco/none.pth: the hub has no such file');
    const nameless = await detect('--model', 'hf:me/coco');
    expect(nameless.code).toBe(1);
    expect(nameless.stderr).toMatch(/hf:me\/coco: .*--architecture/);
  } finally {
    vi.unstubAllEnvs();
    hub.close();
  }
}, 600_000);

test('--norm-eps is that of the file’s batch norms, for detect as for import; a run that goes on keeps it', async () => {
  const picture = join(data, 'JPEGImages/picture0.jpg');
  const detect = (...model: string[]) =>
    roikit('detect', picture, ...model, ...engine, '--json', '--save', 'none', '--score', '0');
  const out = join(folder, 'other-eps');
  const run = join(folder, 'eps-run');
  const eps = ['--norm-eps', '0.5'];
  expect(await roikit('import', file, ...kind, ...eps, ...engine, '--out', out)).toMatchObject({ code: 0 });
  const fromFolder = await detect('--model', out);
  const fromFile = await detect('--model', file, ...kind, ...eps, '--out', run);
  const plain = await detect('--model', file, ...kind);
  expect([fromFolder.code, fromFile.code, plain.code]).toEqual([0, 0, 0]);
  expect(detections(fromFile.stdout)[0]!.length).toBeGreaterThan(0);
  expect(detections(fromFile.stdout)).toEqual(detections(fromFolder.stdout));
  expect(detections(fromFile.stdout)).not.toEqual(detections(plain.stdout));

  rmSync(join(run, 'results.jsonl'));
  const resumed = await roikit('detect', '--resume', '--out', run, ...engine, '--json');
  expect(resumed).toMatchObject({ code: 0 });
  expect(detections(resumed.stdout)).toEqual(detections(fromFile.stdout));

  const alone = await detect('--model', out, ...eps);
  expect(alone.code).toBe(2);
  expect(alone.stderr).toContain('--norm-eps: only with --architecture');
  const negative = await roikit('import', file, ...kind, '--norm-eps', '-1', '--out', out);
  expect(negative.code).toBe(2);
}, 600_000);

test('what does not fit is told: the file with its keys, the flags that exclude each other', async () => {
  const other = ['import', file, '--architecture', 'fasterrcnn_resnet50_fpn'];
  const wrong = await roikit(...other, ...engine, '--out', join(folder, 'x'));
  expect(wrong.code).toBe(1);
  expect(wrong.stderr).toMatch(/weights\.safetensors: .*not those of fasterrcnn_resnet50_fpn/);
  expect(wrong.stderr).toMatch(/missing \(\d+\): backbone\.body\.conv1\.weight/);

  const unknown = await roikit('import', file, '--architecture', 'yolo', '--out', join(folder, 'x'));
  expect(unknown.code).toBe(2);

  const both = await roikit(
    'train',
    '--data',
    data,
    '--from',
    folder,
    '--backbone',
    'resnet50',
    '--out',
    join(folder, 'y'),
  );
  expect(both.code).toBe(2);
  expect(both.stderr).toMatch(/leave out --backbone/);
}, 300_000);
