import { defineConfig } from 'vitest/config';

// Tests run on source: workspace packages resolve through the '@roikit/source' condition of their exports.
const conditions = ['@roikit/source', 'node', 'import', 'module', 'default'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'apps/*/test/**/*.test.ts', 'docs/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // picocolors colours where CI is set; expected texts have none.
    env: { NO_COLOR: '1' },
  },
});
