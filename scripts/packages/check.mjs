// What strangers install: packs every package, lints the tarballs, installs them into empty projects with npm and with
// pnpm, there imports, type-checks and bundles each entry, and runs the examples of READMEs and guides.
// `npm run check:packages`, after `npm run build`.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleAll } from './bundle.mjs';
import { report } from './checks.mjs';
import { importEach, typecheck } from './consume.mjs';
import { readDocuments } from './documents.mjs';
import { checkExamples } from './examples.mjs';
import { installNpm, installPnpm } from './install.mjs';
import { lintAll } from './lint.mjs';
import { importInNodes } from './nodes.mjs';
import { packAll } from './pack.mjs';
import { makeStandIns, standInPackages } from './standIns.mjs';

const scratch = await mkdtemp(join(tmpdir(), 'roikit-packages-'));
try {
  const packages = await packAll(scratch);
  await lintAll(packages);
  await withNpm(packages);
  await withPnpm(packages);
} finally {
  await rm(scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}
report();

async function withNpm(packages) {
  const project = join(scratch, 'npm');
  const { all, own, entries } = everything(packages);
  if (!(await installNpm(project, { dependencies: all, own }))) return;
  await typecheck('npm', project, entries);
  await importInNodes(project, entries, join(scratch, 'nodes'));
  await bundleAll(project, entries);
}

async function withPnpm(packages) {
  const folder = join(scratch, 'pnpm');
  const { all, own, entries } = everything(packages);
  const documents = (await readDocuments()).filter(({ blocks }) => blocks.length > 0);
  const named = (names) => Object.fromEntries(names.map((name) => dependency(name, own)));
  const projects = new Map([
    ['everything', all],
    ['stand-ins', named(standInPackages)],
    ...documents.map(({ name, dependencies }) => [name, named(dependencies)]),
  ]);
  if (!(await installPnpm(folder, projects, own))) return;
  await importEach('pnpm', join(folder, 'everything'), entries);
  await typecheck('pnpm', join(folder, 'everything'), entries);
  const standIns = join(scratch, 'stand-ins');
  if (await makeStandIns(join(folder, 'stand-ins'), standIns))
    await checkExamples(documents, folder, standIns);
}

/** Dependencies of a project that has every package, with their tarballs and entries. */
function everything(packages) {
  const own = Object.fromEntries(packages.map(({ manifest, tarball }) => [manifest.name, `file:${tarball}`]));
  const peers = Object.assign({}, ...packages.map(({ manifest }) => required(manifest)));
  return { own, all: { ...peers, ...own }, entries: packages.flatMap(({ entries }) => entries) };
}

/** Peers that are not optional, as somebody who reads the install line has them. */
function required({ peerDependencies = {}, peerDependenciesMeta = {} }) {
  const names = Object.entries(peerDependencies).filter(([name]) => !peerDependenciesMeta[name]?.optional);
  return Object.fromEntries(names);
}

/** `name` or `name@version` of an install line. */
function dependency(text, own) {
  const [, name, version] = /^(@?[^@]+)(?:@(.+))?$/.exec(text);
  return [name, own[name] ?? version ?? (name.startsWith('@tensorflow') ? '4.22.0' : '*')];
}
