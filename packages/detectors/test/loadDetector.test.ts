import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { useTestEngine } from '../../engine/test/testEngine';
import { loadDetector, packDetector, readDetectorFiles, type DetectorFiles } from '../src/index';
import { tinyDetector } from './scenes';

let files: DetectorFiles;
let server: Server;
let address: string;

/** Sends the weights in two pieces, with the length, or, under /chunked, without. */
beforeAll(async () => {
  await useTestEngine();
  files = await packDetector(tinyDetector());
  server = createServer((request, response) => {
    const name = (request.url ?? '').split('/').at(-1) as keyof DetectorFiles;
    if (request.url?.startsWith('/missing')) return void response.writeHead(404).end();
    const bytes = files[name];
    if (!request.url?.startsWith('/chunked')) response.setHeader('content-length', bytes.length);
    const half = Math.floor(bytes.length / 2);
    response.write(bytes.subarray(0, half));
    setTimeout(() => response.end(bytes.subarray(half)), 100);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

test('weights come with progress, and are those of the server', async () => {
  const size = files['weights.safetensors'].length;
  const heard: { loaded: number; total?: number }[] = [];
  const got = await readDetectorFiles(`${address}/a/`, { onProgress: (progress) => heard.push(progress) });
  expect(Buffer.compare(got['weights.safetensors'], files['weights.safetensors'])).toBe(0);
  expect(heard.length).toBeGreaterThan(1);
  expect(heard[0]!.loaded).toBeLessThan(size);
  expect(heard.at(-1)).toEqual({ loaded: size, total: size });
  expect(heard.map(({ loaded }) => loaded)).toEqual(
    heard.map(({ loaded }) => loaded).toSorted((a, b) => a - b),
  );
});

test('without a length the total is not made up', async () => {
  const heard: { total?: number }[] = [];
  await readDetectorFiles(`${address}/chunked`, { onProgress: (progress) => heard.push(progress) });
  expect(new Set(heard.map(({ total }) => total))).toEqual(new Set([undefined]));
});

test('a signal ends the transfer', async () => {
  const controller = new AbortController();
  const loading = loadDetector(`${address}/a`, {
    signal: controller.signal,
    onProgress: () => controller.abort(new Error('enough')),
  });
  await expect(loading).rejects.toThrow('enough');
});

test('files that a user chose: found by name, in any order; the weights are told whole', async () => {
  const chosen = ['weights.safetensors', 'notes.txt', 'detector.json'].map(
    (name) => new File([new Uint8Array(files[name as keyof DetectorFiles] ?? 3)], name),
  );
  const heard: { loaded: number; total?: number }[] = [];
  const got = await readDetectorFiles(chosen, { onProgress: (progress) => heard.push(progress) });
  for (const name of ['detector.json', 'weights.safetensors'] as const)
    expect(Buffer.compare(got[name], files[name])).toBe(0);
  const size = files['weights.safetensors'].length;
  expect(heard).toEqual([{ loaded: size, total: size }]);
  await expect(readDetectorFiles(chosen, { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow(
    'enough',
  );
});

test('files that are missing, and a server that has none, are told', async () => {
  const other = new File(['{}'], 'detector.json');
  const expected = 'loadDetector: expected the files detector.json and weights.safetensors, got';
  await expect(readDetectorFiles([other])).rejects.toThrow(`${expected} detector.json`);
  await expect(readDetectorFiles([])).rejects.toThrow(`${expected} none`);
  await expect(readDetectorFiles(`${address}/missing`)).rejects.toThrow(
    `loadDetector: ${address}/missing/detector.json answered 404; give the URL of a detector's folder`,
  );
});
