import { fileURLToPath } from 'node:url';
import { defaultClientConditions, defineConfig } from 'vite';
import { digitPool } from './build/digitPool';
import { detectorFiles, wasmFiles } from './build/packageFiles';
import { offline } from './build/offline';
import { served } from './build/served';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  // Every address is relative: the built folder works under any path.
  base: './',
  resolve: {
    conditions: ['@roikit/source', ...defaultClientConditions],
    // 20 MB of JSON in Node; here two hundred pictures a digit.
    alias: { mnist: here('src/worker/mnist.ts') },
    dedupe: ['@tensorflow/tfjs-core', '@tensorflow/tfjs-layers'],
  },
  plugins: [served({ ...wasmFiles(), ...detectorFiles(), 'digits.bin': digitPool }), offline()],
  worker: { format: 'es' },
  build: { target: 'es2022', chunkSizeWarningLimit: 5000, assetsInlineLimit: 0 },
});
