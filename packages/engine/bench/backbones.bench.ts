// SqueezeNet 1.1 and ResNet-50 at 224×224 on every engine of Node, on those of a page, and in PyTorch where it is installed:
// npx tsx --conditions=@roikit/source packages/engine/bench/backbones.bench.ts [engine…]
// A page's engines are page:webgpu, page:webgl and page:wasm; PyTorch is run by $PYTHON, python3 where unset.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type EngineInfo, type EngineName, useEngine } from '../src/index';
import { findChromium, openPage } from '../test/browser/chromium';
import type { Page } from './backbones.page';
import { measureNetworks, type Timing, trainBatch } from './measureNetworks';

declare const page: Page;

/** Software GPUs and the cpu backend take minutes. */
const budgetMs = 20_000;

function print(where: string, { name, detail, threads }: EngineInfo, timings: Timing[]): void {
  const ms = (value: number | undefined) => (value === undefined ? '–' : `${value.toFixed(0)} ms`);
  for (const { network, forwardMs, stepMs } of timings) {
    const engine = `${name} in ${where} (${detail}${threads ? `, ${threads} threads` : ''})`;
    console.log(
      `${network} on ${engine}: forward ${ms(forwardMs)}, training step of ${trainBatch} ${ms(stepMs)}`,
    );
  }
}

async function measureInNode(name: EngineName): Promise<void> {
  const info = await useEngine(name);
  print('Node', info, await measureNetworks({ budgetMs }));
}

async function measureInPage(name: 'webgl' | 'webgpu' | 'wasm'): Promise<void> {
  const executable = findChromium();
  if (executable === undefined) throw new Error('no Chromium on PATH or in CHROMIUM_PATH');
  const { browser, tab } = await openPage(executable, new URL('backbones.page.ts', import.meta.url));
  try {
    const measure = ([engine, budget]: [typeof name, number]) => page.measure(engine, budget);
    const { info, timings } = await tab.evaluate(measure, [name, budgetMs] as [typeof name, number]);
    print('Chromium', info, timings);
  } finally {
    await browser.close();
  }
}

function measureTorch(): void {
  const script = fileURLToPath(new URL('backbones_torch.py', import.meta.url));
  for (const threads of ['1', '2']) {
    const python = process.env['PYTHON'] ?? 'python3';
    const torch = spawnSync(python, [script, String(trainBatch), threads], { encoding: 'utf8' });
    console.log(
      torch.status === 0 ? torch.stdout.trim() : 'SKIPPED: PyTorch (set PYTHON to one that has it)',
    );
  }
}

const all = ['tensorflow', 'wasm', 'cpu', 'webgpu', 'page:wasm', 'page:webgl', 'page:webgpu', 'torch'];
const [only] = process.argv.slice(2);
if (only === undefined) {
  // A process each, as a user's program is one.
  const script = fileURLToPath(import.meta.url);
  for (const name of all)
    spawnSync(process.execPath, [...process.execArgv, script, name], { stdio: 'inherit' });
} else if (only === 'torch') measureTorch();
else {
  const name = only.replace('page:', '');
  const run = only === name ? measureInNode(name as EngineName) : measureInPage(name as 'webgl');
  await run.catch((error: Error) => console.log(`SKIPPED ${only}: ${error.message.split('\n')[0]}`));
}
