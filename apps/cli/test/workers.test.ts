import { afterAll, beforeAll, expect, test } from 'vitest';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openDetectors } from '../src/detector/openDetector';
import { roikit, saveRandomDetector, temporaryFolder, vocFolder } from './support';

let folder: string;
let data: string;
let model: string;
let pictures: string;
beforeAll(async () => {
  folder = temporaryFolder();
  data = await vocFolder(join(folder, 'shapes'));
  pictures = join(await vocFolder(join(folder, 'withBad')), 'JPEGImages');
  writeFileSync(join(pictures, 'picture2.jpg'), 'no picture');
  model = await saveRandomDetector(join(folder, 'random'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const NAMES = [0, 1, 3, 4, 5].map((i) => `picture${i}.jpg`);

/** What a command prints for the folder with the bad picture; times are the only thing that may differ. */
async function printed(args: string[], workers: number): Promise<{ image: string }[]> {
  const { code, stdout, stderr } = await roikit(...args, '--workers', `${workers}`, '--json');
  expect(code).toBe(1);
  expect(stderr).toMatch(/warning: .*picture2\.jpg/);
  expect(stderr).toContain("1 picture of 6 can't be read");
  // detect prints a line a picture, propose an array.
  const text = stdout.startsWith('[') ? stdout : `[${stdout.trim().replaceAll('\n', ',')}]`;
  const results = JSON.parse(text, (key, value: unknown) => (key === 'timings' ? undefined : value)) as {
    image: string;
    error?: string;
  }[];
  return results.filter(({ error }) => error === undefined);
}

test.each([
  [
    'detect',
    () => ['detect', pictures, '--model', model, '--score', '0.01', '--engine', 'wasm', '--save', 'none'],
  ],
  ['propose', () => ['propose', pictures, '--mode', 'single']],
])(
  '%s: two workers print what one does, in order; a bad picture is told, the others go on',
  async (_, args) => {
    const [one, two] = [await printed(args(), 1), await printed(args(), 2)];
    expect(two).toEqual(one);
    expect(two.map(({ image }) => image.slice(pictures.length + 1))).toEqual(NAMES);
  },
);

test('evaluate: the report of two workers is that of one, recall of the proposals too, but for the times', async () => {
  const evaluate = async (workers: number) => {
    const out = join(folder, `evaluate${workers}`);
    const args = ['--data', data, '--engine', 'wasm', '--workers', `${workers}`, '--out', out];
    const { code } = await roikit('evaluate', model, ...args);
    expect(code).toBe(0);
    return report(out);
  };
  const report = (out: string) =>
    JSON.parse(readFileSync(join(out, 'report.json'), 'utf8'), (key, value: unknown) =>
      ['timings', 'details', 'created'].includes(key) ? undefined : value,
    ) as { images: number; proposalRecall: { counts: number[]; curves: { recall: number[] }[] } };
  const [one, two] = [await evaluate(1), await evaluate(2)];
  expect(two).toEqual(one);
  expect(two.images).toBe(6);
  expect(two.proposalRecall.counts.at(-1)).toBeGreaterThan(1);
  expect(two.proposalRecall.curves[0]!.recall.at(-1)).toBeGreaterThan(0);
});

test('an engine that uses the cores by itself takes no workers', async () => {
  const engine = { name: 'tensorflow', version: '', threads: 2, detail: '' } as const;
  await expect(openDetectors(model, { engine, workers: 2 })).rejects.toThrow(
    /--workers: the engine tensorflow .* --engine wasm/,
  );
});
