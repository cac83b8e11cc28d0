import { defineConfig } from 'tsup';

export default defineConfig({
  entry: { main: 'src/main.ts', jobsChild: 'src/jobs/child.ts' },
  format: ['esm'],
  target: 'es2022',
  clean: true,
});
