// npm run bench:gpu:build: bench/gpu.mjs, one file that needs nothing but Node and the npm package webgpu beside it.
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const path = (name) => fileURLToPath(new URL(name, import.meta.url));

await build({
  entryPoints: [path('main.ts')],
  outfile: path('../../../../bench/gpu.mjs'),
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  conditions: ['@roikit/source'],
  mainFields: ['module', 'main'],
  external: ['sharp', 'webgpu'],
  // Packages of TensorFlow.js ask for Node's modules by require.
  banner: {
    js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);",
  },
  logLevel: 'warning',
});
