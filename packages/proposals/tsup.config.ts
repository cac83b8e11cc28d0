import { defineConfig } from 'tsup';

export default defineConfig({
  entry: ['src/index.ts', 'src/node.ts', 'src/worker.ts', 'src/browser.ts', 'src/webWorker.ts'],
  format: ['esm'],
  target: 'es2022',
  dts: true,
  clean: true,
});
