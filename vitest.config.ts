import { defineConfig } from 'vitest/config';

// Tests run on source: workspace packages resolve through the '@roikit/source' condition of their exports.
// Vite adds 'import' and 'default' by itself; named here they would reach Node, where a CommonJS package's require() then
// gets ES modules (pg); so would 'module' (Amazon's client).
const conditions = ['@roikit/source', 'node'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: [
      'packages/*/test/**/*.test.ts',
      'apps/*/test/**/*.test.ts',
      'docs/*.test.ts',
      'examples/*/*.test.ts',
      'scripts/**/*.test.mjs',
    ],
    globalSetup: 'scripts/temporaryFolder.mjs',
    setupFiles: 'scripts/seedProperties.mjs',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // picocolors colours where CI is set; expected texts have none.
    env: { NO_COLOR: '1' },
  },
});
