// Every package's public API as text, docs/api/*.api.md, so that a review shows what a change does to it.
// `npm run check:api` fails where the text isn't what was built; `npm run api` writes it.

import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CompilerState, Extractor, ExtractorConfig } from '@microsoft/api-extractor';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const committed = join(root, 'docs/api');
const built = join(root, '.turbo/api');

/** Reports are wanted, no advice about comments. */
const SILENT = { default: { logLevel: 'none' } };
const COMPILER = {
  target: 'es2022',
  lib: ['es2023', 'dom', 'dom.iterable'],
  module: 'nodenext',
  moduleResolution: 'nodenext',
  strict: true,
  skipLibCheck: true,
  types: ['node'],
};

/** What packages export with types. */
function entries() {
  const folders = readdirSync(join(root, 'packages')).map((name) => join(root, 'packages', name));
  return folders.flatMap((folder) => {
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    return Object.entries(manifest.exports ?? {})
      .filter(([, { types }]) => types !== undefined)
      .map(([entry, { types }]) => ({
        folder,
        types: join(folder, types),
        name: join(manifest.name, entry).replace('@roikit/', '').replaceAll(/[\\/]/g, '-'),
      }));
  });
}

function configure({ folder, types, name }) {
  if (!existsSync(types)) throw new Error(`api: ${types} is not there; npm run build makes it`);
  return ExtractorConfig.prepare({
    configObject: {
      projectFolder: folder,
      mainEntryPointFilePath: types,
      compiler: { overrideTsconfig: { compilerOptions: COMPILER, include: [types] } },
      apiReport: {
        enabled: true,
        reportFileName: name,
        reportFolder: built,
        reportTempFolder: join(built, 'temporary'),
        includeForgottenExports: true,
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      newlineKind: 'lf',
      messages: {
        extractorMessageReporting: SILENT,
        compilerMessageReporting: SILENT,
        tsdocMessageReporting: SILENT,
      },
    },
    packageJsonFullPath: join(folder, 'package.json'),
  });
}

function extractAll() {
  const configs = entries().map(configure);
  const additionalEntryPoints = configs.map(({ mainEntryPointFilePath }) => mainEntryPointFilePath);
  const compilerState = CompilerState.create(configs[0], { additionalEntryPoints });
  const messageCallback = (message) => {
    message.handled = message.logLevel !== 'error';
  };
  for (const config of configs) {
    const { succeeded } = Extractor.invoke(config, { compilerState, localBuild: true, messageCallback });
    if (!succeeded) throw new Error(`api: ${config.mainEntryPointFilePath} can't be read`);
  }
}

rmSync(built, { recursive: true, force: true });
mkdirSync(built, { recursive: true });
extractAll();
rmSync(join(built, 'temporary'), { recursive: true });
if (process.argv.includes('--update')) {
  rmSync(committed, { recursive: true, force: true });
  cpSync(built, committed, { recursive: true });
} else if (spawnSync('git', ['diff', '--no-index', committed, built], { stdio: 'inherit' }).status !== 0) {
  console.error('\nThe public API is not what docs/api says. If it should be: npm run api, and commit.');
  process.exitCode = 1;
}
