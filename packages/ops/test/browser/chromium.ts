import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { chromium, type Browser, type Page } from 'playwright-core';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Chromium named by CHROMIUM_PATH, or the first found on PATH. */
export function findChromium(): string | undefined {
  const named = process.env['CHROMIUM_PATH'];
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const found = folders.flatMap((folder) => names.map((name) => join(folder, name))).find(isExecutable);
  return named && isExecutable(named) ? named : found;
}

/** WebGL and WebGPU on the software GPU that Chromium ships, so that the test needs no other. */
const softwareGpu = [
  '--no-sandbox',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
];

async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('gpu.page.ts', import.meta.url))],
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    conditions: ['@roikit/source'],
    // @roikit/engine imports these on the spot, and only in Node.
    external: ['node:*'],
    logLevel: 'error',
  });
  return outputFiles[0]!.text;
}

/** A page that has run gpu.page.ts. It has an address, since WebGPU is only for secure contexts. */
export async function openPage(executablePath: string): Promise<{ browser: Browser; tab: Page }> {
  const [browser, script] = await Promise.all([
    chromium.launch({ executablePath, args: softwareGpu }),
    bundle(),
  ]);
  const tab = await browser.newPage();
  await tab.route('**/*', (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html>' }));
  await tab.goto('http://localhost/');
  await tab.addScriptTag({ content: script });
  return { browser, tab };
}
