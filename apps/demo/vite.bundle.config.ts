import { fileURLToPath } from 'node:url';
import { defaultClientConditions, defineConfig } from 'vite';
import { detectorFiles, wasmFiles } from './build/packageFiles';
import { served } from './build/served';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The packages as one script that a page without a build step imports, with what it fetches beside it. */
export default defineConfig({
  publicDir: false,
  resolve: {
    conditions: ['@roikit/source', ...defaultClientConditions],
    dedupe: ['@tensorflow/tfjs-core', '@tensorflow/tfjs-layers'],
  },
  plugins: [served({ ...wasmFiles(), ...detectorFiles() })],
  build: {
    target: 'es2022',
    lib: { entry: here('src/bundle.ts'), formats: ['es'], fileName: () => 'roikit.js' },
    outDir: here('../../examples/page/roikit'),
    emptyOutDir: true,
    chunkSizeWarningLimit: 5000,
  },
});
