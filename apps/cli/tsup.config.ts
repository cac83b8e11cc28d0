import { cp } from 'node:fs/promises';
import { defineConfig } from 'tsup';

export default defineConfig({
  entry: { main: 'src/main.ts', jobsChild: 'src/jobs/child.ts' },
  format: ['esm'],
  target: 'es2022',
  clean: true,
  // `--recipe bccd` works where only the package is.
  onSuccess: () => cp('../../recipes', 'dist/recipes', { recursive: true }),
});
