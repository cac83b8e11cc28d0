import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { check } from './checks.mjs';
import { pnpm, retried, run } from './run.mjs';

const NPM = [
  'install',
  '--ignore-scripts',
  '--no-audit',
  '--no-fund',
  '--prefer-offline',
  '--fetch-retries=5',
];
const PNPM = [
  'install',
  '--ignore-scripts',
  '--prefer-offline',
  '--fetch-retries=5',
  '--reporter=append-only',
];
const TYPES = { '@types/node': '^20.19.0' };

/** A project that npm installs. */
export async function installNpm(folder, { dependencies, own = {}, devDependencies = TYPES }) {
  await writeManifest(folder, { dependencies, devDependencies, overrides: own });
  return check(`npm: installs ${folder.split('/').at(-1)}`, () =>
    retried(() => run('npm', NPM, { cwd: folder })),
  );
}

/**
 * Projects that pnpm installs at its strictest: nobody sees a package that their own manifest doesn't name. One
 * workspace, so that all is resolved and linked once.
 * @param projects their dependencies, by folder
 * @param own tarballs by name, for dependencies of dependencies too
 */
export async function installPnpm(folder, projects, own) {
  await writeManifest(folder, { pnpm: { overrides: own } });
  await writeFile(join(folder, 'pnpm-workspace.yaml'), "packages: ['*']\n");
  const strict =
    'hoist=false\nstrict-peer-dependencies=true\nauto-install-peers=false\nshared-workspace-lockfile=true\n';
  await writeFile(join(folder, '.npmrc'), strict);
  for (const [name, dependencies] of projects)
    await writeManifest(join(folder, name), { name, dependencies, devDependencies: TYPES });
  return check('pnpm: installs, strictly', () => retried(() => pnpm(PNPM, { cwd: folder })));
}

async function writeManifest(folder, manifest) {
  await mkdir(folder, { recursive: true });
  const all = { name: 'consumer', private: true, type: 'module', ...manifest };
  await writeFile(join(folder, 'package.json'), JSON.stringify(all));
}
