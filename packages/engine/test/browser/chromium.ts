import { accessSync, constants } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { chromium, type Browser, type Page, type Route } from 'playwright-core';

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

/** WebGL and WebGPU on the software GPU that Chromium ships, so that a test needs no other. */
export const softwareGpu = [
  '--no-sandbox',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
];

/** A script and all it imports, from the packages' sources, as one text for a page or a worker. */
export async function bundleForBrowser(entry: URL): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(entry)],
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

/** The empty page, and the .wasm files of TensorFlow.js. */
async function answer(route: Route): Promise<void> {
  const { pathname } = new URL(route.request().url());
  if (!pathname.endsWith('.wasm'))
    return route.fulfill({ contentType: 'text/html', body: '<!doctype html>' });
  const main = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
  const body = await readFile(join(dirname(main), basename(pathname)));
  return route.fulfill({ contentType: 'application/wasm', body });
}

/** A page that has run `script`. It has an address, since WebGPU is only for secure contexts. */
export async function openPage(
  executablePath: string,
  script: URL,
): Promise<{ browser: Browser; tab: Page }> {
  const [browser, content] = await Promise.all([
    chromium.launch({ executablePath, args: softwareGpu }),
    bundleForBrowser(script),
  ]);
  const tab = await browser.newPage();
  await tab.route('**/*', answer);
  await tab.goto('http://localhost/');
  await tab.addScriptTag({ content });
  return { browser, tab };
}
