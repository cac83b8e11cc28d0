import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);

/** TensorFlow.js's WebAssembly, which its npm package brings, as `wasm/…`. */
export function wasmFiles(): Record<string, string> {
  const folder = dirname(require.resolve('@tensorflow/tfjs-backend-wasm'));
  const names = ['', '-simd', '-threaded-simd'].map((kind) => `tfjs-backend-wasm${kind}.wasm`);
  return Object.fromEntries(names.map((name) => [`wasm/${name}`, join(folder, name)]));
}

/** The bundled detectors' folders, as `models/digits/…`, and a list of them. */
export function detectorFiles(): Record<string, string | (() => Promise<Uint8Array>)> {
  const models = join(dirname(require.resolve('@roikit/pretrained/package.json')), 'models');
  const folders = readdirSync(models);
  const files = folders.flatMap((folder) =>
    ['detector.json', 'weights.safetensors'].map((name) => [
      `models/${folder}/${name}`,
      join(models, folder, name),
    ]),
  );
  const list = folders.map((folder) => ({ folder, type: typeIn(join(models, folder)) }));
  return {
    ...Object.fromEntries(files),
    'models/index.json': async () => new TextEncoder().encode(JSON.stringify(list)),
  };
}

function typeIn(folder: string): string {
  const { config } = JSON.parse(readFileSync(join(folder, 'detector.json'), 'utf8')) as {
    config: { type: string };
  };
  return config.type;
}
