// Mutation testing: `npm run mutate -- geometry`, or of single files `npm run mutate -- geometry src/nms.ts`.
// Changes the sources one place at a time in a copy and looks whether the package's tests notice.

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Stryker } from '@stryker-mutator/core';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const [name, ...files] = process.argv.slice(2);
const folder = `packages/${name}`;
if (name === undefined || !existsSync(join(root, folder, 'src'))) {
  console.error(`mutate: which package? For example 'npm run mutate -- geometry'; got ${name}`);
  process.exit(2);
}
process.chdir(root);

const reports = `reports/mutation/${name}`;
const results = await new Stryker({
  testRunner: 'vitest',
  vitest: { related: false },
  plugins: ['@stryker-mutator/vitest-runner', './scripts/ignoreMessages.mjs'],
  ignorers: ['messages'],
  mutate: files.length > 0 ? files.map((file) => `${folder}/${file}`) : [`${folder}/src/**/*.ts`],
  // The copy holds no tests but the package's own, without those that take long and say little about one line.
  ignorePatterns: [
    'apps',
    'docs',
    'recipes',
    'reports',
    'runs',
    '**/dist',
    'packages/*/test',
    `!${folder}/test`,
    '**/{fuzz,browser,bundle}.test.ts',
    '**/*.{fuzz,browser,bundle}.test.ts',
  ],
  concurrency: 1,
  // Constants of modules would have every test run for each.
  ignoreStatic: true,
  // Only what changed since the last run is tried again. Delete the file after a change of goldens or helpers.
  incremental: files.length === 0,
  incrementalFile: `${reports}.incremental.json`,
  // On top of 1.5 times what the tests took: an endless loop is noticed by waiting for it.
  timeoutMS: 3000,
  dryRunTimeoutMinutes: 20,
  reporters: ['clear-text', 'html', 'progress-append-only'],
  clearTextReporter: { allowColor: false, reportTests: false, skipFull: true },
  htmlReporter: { fileName: `${reports}.html` },
}).runMutationTest();

const count = (...statuses) => results.filter(({ status }) => statuses.includes(status)).length;
const noticed = count('Killed', 'Timeout');
const missed = count('Survived', 'NoCoverage');
console.log(
  `${name}: ${((100 * noticed) / (noticed + missed)).toFixed(1)} % of ${noticed + missed} mutants noticed, ` +
    `${count('Ignored')} left out`,
);
