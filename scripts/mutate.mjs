// Mutation testing: `npm run mutate -- geometry`, of single files `npm run mutate -- geometry src/nms.ts`, of 150 mutants
// drawn at random `npm run mutate -- geometry --sample 150 --seed 1`.
// Changes the sources one place at a time in a copy and looks whether the package's tests notice.

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Stryker } from '@stryker-mutator/core';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { sample: { type: 'string' }, seed: { type: 'string', default: '1' } },
});
const [name, ...files] = positionals;
const folder = `packages/${name}`;
if (name === undefined || !existsSync(join(root, folder, 'src'))) {
  console.error(`mutate: which package? For example 'npm run mutate -- geometry'; got ${name}`);
  process.exit(2);
}
const sample = values.sample && { size: Number(values.sample), seed: Number(values.seed) };
if (sample && !(Number.isInteger(sample.size) && sample.size > 0)) {
  console.error(`mutate: --sample is a number of mutants, for example 150; got ${values.sample}`);
  process.exit(2);
}
process.chdir(root);

const reports = `reports/mutation/${name}`;
const results = await new Stryker({
  testRunner: 'vitest',
  vitest: { related: false },
  plugins: ['@stryker-mutator/vitest-runner', './scripts/ignoreMessages.mjs', './scripts/sampleMutants.mjs'],
  ignorers: ['messages'],
  ...(sample && { checkers: ['sample'], sample }),
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
  incremental: files.length === 0 && !sample,
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
const tried = noticed + count('Survived', 'NoCoverage');
const share = noticed / tried;
// Of a sample: the binomial standard error.
const error = sample ? ` ± ${(100 * Math.sqrt((share * (1 - share)) / tried)).toFixed(1)}` : '';
const of = sample ? `, drawn from ${results.length - count('Ignored')} with seed ${sample.seed}` : '';
console.log(
  `${name}: ${(100 * share).toFixed(1)}${error} % of ${tried} mutants noticed${of}, ` +
    `${count('Ignored')} left out`,
);
