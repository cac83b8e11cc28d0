import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);

/** TensorFlow.js's WebAssembly, which its npm package brings, as `wasm/…`. */
export function wasmFiles(): Record<string, string> {
  const folder = dirname(require.resolve('@tensorflow/tfjs-backend-wasm'));
  const names = ['', '-simd', '-threaded-simd'].map((kind) => `tfjs-backend-wasm${kind}.wasm`);
  return Object.fromEntries(names.map((name) => [`wasm/${name}`, join(folder, name)]));
}

/** The bundled detector's folder, as `models/digits/…`. */
export function detectorFiles(): Record<string, string> {
  const manifest = require.resolve('@roikit/pretrained/models/digits/detector.json');
  const names = ['detector.json', 'weights.safetensors'];
  return Object.fromEntries(names.map((name) => [`models/digits/${name}`, join(dirname(manifest), name)]));
}
