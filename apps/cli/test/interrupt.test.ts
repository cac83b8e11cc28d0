import { afterAll, beforeAll, expect, test } from 'vitest';
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { testEngine } from '../../../packages/engine/test/testEngine';
import { saveRandomDetector, temporaryFolder, vocFolder, writeTinyRecipe, type Outcome } from './support';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

let folder: string;
let data: string;
beforeAll(async () => {
  folder = temporaryFolder();
  data = await vocFolder(join(folder, 'shapes'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A process of its own; `onTick` may send it signals. */
async function spawnRoikit(
  args: string[],
  onTick?: (kill: (signal: NodeJS.Signals) => void) => void,
): Promise<Outcome> {
  const child = spawn(process.execPath, ['--conditions=@roikit/source', '--import', tsx, main, ...args]);
  const out = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => (out.stdout += chunk));
  child.stderr.on('data', (chunk) => (out.stderr += chunk));
  const timer = setInterval(() => onTick?.((signal) => child.kill(signal)), 20);
  const code = await new Promise<number>((resolve) => child.on('close', (status) => resolve(status ?? -1)));
  clearInterval(timer);
  return { code, ...out };
}

const log = (out: string) => {
  const file = join(out, 'metrics.jsonl');
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
};

function losses(out: string): number[] {
  const lines = log(out).trim().split('\n');
  const events = lines.map((line) => JSON.parse(line) as { type: string; losses: { total: number } });
  return events.filter(({ type }) => type === 'step').map((event) => event.losses.total);
}

test('Ctrl-C saves and says how to go on; what follows is what would have followed', async () => {
  const recipe = writeTinyRecipe(folder, { epochs: 6 });
  const [whole, parts] = [join(folder, 'whole'), join(folder, 'parts')];
  const common = ['--engine', testEngine, '--cache', join(folder, 'cache')];
  const start = (out: string) => [
    'train',
    '--data',
    data,
    '--split',
    'train',
    '--recipe',
    recipe,
    '--out',
    out,
    ...common,
  ];

  let sent = false;
  const stopped = await spawnRoikit(start(parts), (kill) => {
    if (sent || !log(parts).includes('"step"')) return;
    sent = true;
    kill('SIGINT');
  });
  expect(stopped.stderr).toContain(`npx roikit train --resume --out ${parts}`);
  expect(stopped.code).toBe(130);
  expect(losses(parts).length).toBeLessThan(12);

  const [resumed, uninterrupted] = await Promise.all([
    spawnRoikit(['train', '--resume', '--out', parts, ...common]),
    spawnRoikit(start(whole)),
  ]);
  expect(resumed.stderr).not.toContain('error:');
  expect([resumed.code, uninterrupted.code]).toEqual([0, 0]);
  expect(losses(whole)).toHaveLength(12);
  expect(losses(parts)).toEqual(losses(whole));
  // Three processes that load TensorFlow.js: seconds when idle, a minute when the machine is busy.
}, 240_000);

test.each(['SIGINT', 'SIGHUP'] as const)(
  '%s ends a detection on two workers, and nothing is lost',
  async (signal) => {
    const pictures = 80;
    const path = await vocFolder(join(folder, 'many'), { pictures });
    const model = await saveRandomDetector(join(folder, 'random'));
    const out = join(folder, `drawn-${signal}`);
    const drawn = () =>
      existsSync(out) ? readdirSync(out).filter((name) => name.endsWith('.png')).length : 0;
    let sent = false;
    const args = ['--model', model, '--engine', 'wasm', '--workers', '2', '--out', out];
    const { code, stdout, stderr } = await spawnRoikit(
      ['detect', join(path, 'JPEGImages'), ...args, '--json'],
      (kill) => {
        if (sent || drawn() === 0) return;
        sent = true;
        kill(signal);
      },
    );
    expect(stderr).not.toContain('error:');
    expect(code).toBe(130);
    expect(drawn()).toBeLessThan(pictures);
    expect(stderr).toContain(`npx roikit detect --resume --out ${out}`);
    // What was drawn was told, and stands in the results.
    expect(readFileSync(join(out, 'results.jsonl'), 'utf8')).toBe(stdout);
    expect(stdout.trim().split('\n')).toHaveLength(drawn());
  },
  120_000,
);

test('an error is one line and no stack', async () => {
  const { code, stderr } = await spawnRoikit(['propose', 'nowhere.jpg']);
  expect(code).toBe(1);
  expect(stderr.trim()).toMatch(/^error: nowhere\.jpg: .+$/);
});
