import { createServer, type Server } from 'node:http';
import { readFile, mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { chromium, type Browser, type Page } from 'playwright-core';
import { build } from 'vite';
import { softwareGpu } from '../../../packages/engine/test/browser/chromium';

const root = fileURLToPath(new URL('..', import.meta.url));

const TYPES: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

/** What stands between the page and its files. */
export interface Network {
  isUp: boolean;
  /** Paths that are answered only when this is taken back. */
  held?: RegExp;
}

export interface Built {
  folder: string;
  /** Address of the page, under a path that is not the server's root. */
  url: string;
  network: Network;
  close(): Promise<void>;
}

/** Builds the page as it is published, and serves the folder from a sub-path as any file server would. */
export async function buildAndServe(): Promise<Built> {
  const folder = await mkdtemp(join(tmpdir(), 'roikit-demo-'));
  const before = process.env['NODE_ENV'];
  process.env['NODE_ENV'] = 'production'; // Vitest's is another, with which Vite builds another page
  await build({ root, logLevel: 'error', build: { outDir: folder, emptyOutDir: true } });
  process.env['NODE_ENV'] = before;
  const network: Network = { isUp: true };
  const server = await serveFolder(folder, '/some/where/', network);
  const { port } = server.address() as AddressInfo;
  return {
    folder,
    url: `http://localhost:${port}/some/where/`,
    network,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await rm(folder, { recursive: true });
    },
  };
}

export async function serveFolder(
  folder: string,
  prefix: string,
  network: Network = { isUp: true },
): Promise<Server> {
  const server = createServer((request, response) => {
    if (!network.isUp) return void request.destroy();
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const path = pathname.startsWith(prefix) ? pathname.slice(prefix.length) || 'index.html' : undefined;
    const send = async () => {
      if (path === undefined) throw new Error(`outside ${prefix}`);
      while (network.held?.test(path)) await new Promise((resolve) => setTimeout(resolve, 50));
      const bytes = await readFile(join(folder, path));
      response.setHeader('content-type', TYPES[extname(path)] ?? 'application/octet-stream');
      response.setHeader('content-length', bytes.length);
      response.end(bytes);
    };
    send().catch(() => {
      response.statusCode = 404;
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, resolve));
  return server;
}

/** Gzipped bytes of the files that the page has asked for, weights left out. */
export async function gzippedSize(folder: string, paths: Iterable<string>): Promise<number> {
  const sizes = await Promise.all(
    [...paths]
      .filter((path) => !path.endsWith('.safetensors'))
      .map(async (path) => gzipSync(await readFile(join(folder, path || 'index.html')), { level: 9 }).length),
  );
  return sizes.reduce((a, b) => a + b, 0);
}

/** The names, in the built folder, of what a page asks for from now on. */
export function filesAskedFor(page: Page, url: string): Set<string> {
  const asked = new Set<string>();
  page.on('request', (request) => {
    const [address] = request.url().split('?');
    if (address!.startsWith(url)) asked.add(address!.slice(url.length));
  });
  return asked;
}

/** A software GPU for webgl and webgpu, and a camera that films a test card. */
const FLAGS = [...softwareGpu, '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];

export const launch = (executablePath: string, args = FLAGS): Promise<Browser> =>
  chromium.launch({ executablePath, args });

/** Whatever the page says is wrong. */
export function complaintsOf(page: Page): string[] {
  const heard: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) heard.push(message.text());
  });
  page.on('pageerror', (error) => heard.push(String(error)));
  page.on('response', (response) => {
    if (response.status() >= 400) heard.push(`${response.status()} ${response.url()}`);
  });
  return heard;
}

/** Waits until nothing is loaded or computed any more. */
export async function settled(page: Page): Promise<void> {
  await page.waitForSelector('main[aria-busy=false]');
}

export const openTab = (page: Page, name: string): Promise<void> =>
  page.getByRole('navigation').getByRole('button', { name, exact: true }).click();

export interface Listed {
  name: string;
  box: number[];
}

/** The detections that the page lists under Result. */
export async function listed(page: Page): Promise<Listed[]> {
  await page.click('#stage-result');
  return page.$$eval('#panel .regions button', (buttons) =>
    buttons.map((button) => ({
      name: button.querySelector('span')!.textContent!,
      box: (button as HTMLElement).title.split(', ').map(Number),
    })),
  );
}

/** Sets a slider, found by its label, to a share of its range. */
export async function slide(page: Page, label: string | RegExp, share: number): Promise<void> {
  await page.getByRole('slider', { name: label }).evaluate((element, share) => {
    const input = element as HTMLInputElement;
    const [min, max] = [Number(input.min), Number(input.max)];
    input.value = String(min + share * (max - min));
    input.dispatchEvent(new Event('input', { bubbles: true }));
  }, share);
}

/** Drops a file on the page, as from a desktop. */
export async function drop(page: Page, path: string, type: string): Promise<void> {
  await page.dispatchEvent('body', 'drop', { dataTransfer: await transferOf(page, path, type) });
  await page.waitForTimeout(100); // until the drop has become work
}

/** Pastes a file, as one copied from a folder is. */
export async function paste(page: Page, path: string, type: string): Promise<void> {
  const transfer = await transferOf(page, path, type);
  await page.evaluate(
    (clipboardData) => document.dispatchEvent(new ClipboardEvent('paste', { clipboardData })),
    transfer,
  );
  await page.waitForTimeout(100);
}

async function transferOf(page: Page, path: string, type: string) {
  const bytes = [...(await readFile(path))];
  return page.evaluateHandle(
    ({ bytes, name, type }) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([Uint8Array.from(bytes)], name, { type }));
      return transfer;
    },
    { bytes, name: path.split('/').at(-1)!, type },
  );
}

/** Writes down, as `drawnOn`, each canvas that the page's own thread draws on instead of leaving it to a worker. */
export async function noteDrawing(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const drawnOn: string[] = [];
    Object.assign(globalThis, { drawnOn });
    for (const kind of [HTMLCanvasElement, OffscreenCanvas]) {
      const own = kind.prototype.getContext as (this: unknown, ...args: unknown[]) => unknown;
      kind.prototype.getContext = function getContext(this: unknown, ...args: unknown[]) {
        if (args[0] !== 'bitmaprenderer') drawnOn.push(`${kind.name} ${String(args[0])}`);
        return own.apply(this, args);
      } as never;
    }
  });
}
