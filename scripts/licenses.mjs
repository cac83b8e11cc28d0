// The licences of everything that users of the packages install, THIRD-PARTY.md. `npm run check:licenses` fails where the
// file is not what is installed, or where a licence is neither permissive nor excepted below; `npm run licenses` writes it.

import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const file = join(root, 'THIRD-PARTY.md');

const PERMISSIVE = ['MIT', 'ISC', '0BSD', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', 'BlueOak-1.0.0'];

/** Others, each with the reason why it may be there. */
const EXCEPTIONS = {
  '@img/sharp-libvips-PLATFORM': {
    licence: 'LGPL-3.0-or-later',
    why: 'libvips, a shared library that sharp loads and anybody can exchange; installed by npm, never part of our packages',
  },
  '@fontsource/inter': { licence: 'OFL-1.1', why: 'a typeface; free to use and to pass on unchanged' },
  '@fontsource/unifontex': { licence: 'OFL-1.1', why: 'a typeface; free to use and to pass on unchanged' },
  '@fontsource-variable/inter': {
    licence: 'OFL-1.1',
    why: 'a typeface in the demo, which is not published',
  },
  h5wasm: {
    licence: 'SEE LICENSE IN LICENSE.txt',
    why: "NIST's notice (use, copy, change and pass on freely, keeping it) and HDF5's, which is BSD's in three clauses",
  },
};

/** `{ name, licence }` of each production dependency; those of one platform under one name. */
function installed() {
  const args = ['--yes', 'pnpm@10.34.8', 'licenses', 'list', '--prod', '--recursive', '--json'];
  const byLicence = JSON.parse(
    execFileSync('npx', args, { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 28 }),
  );
  const entries = Object.values(byLicence)
    .flat()
    .map(({ name, license, paths }) => [
      name.replace(/-(linux|linuxmusl|darwin|win32)-(x64|arm64|arm|ia32)$/, '-PLATFORM'),
      license === 'Unknown' ? said(paths[0]) : license,
    ]);
  return [...new Map(entries)]
    .map(([name, licence]) => ({ name, licence }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** What a manifest itself says of a licence that has no name. */
function said(folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).license ?? 'none';
}

function isPermissive(licence) {
  return licence
    .replaceAll(/[()]/g, '')
    .split(/ AND | OR /)
    .every((name) => PERMISSIVE.includes(name));
}

function toText(packages) {
  const licences = [...new Set(packages.map(({ licence }) => licence))].toSorted();
  const parts = licences.map((licence) => {
    const lines = packages.filter((one) => one.licence === licence).map(({ name }) => line(name));
    return `## ${licence}\n\n${lines.join('\n')}\n`;
  });
  const intro =
    'What users of the packages install besides them, and what the demo and the examples need; written by `npm run licenses`.';
  return `# Licences of dependencies\n\n${intro}\n\n${parts.join('\n')}`;
}

function line(name) {
  return EXCEPTIONS[name] ? `- ${name}: ${EXCEPTIONS[name].why}` : `- ${name}`;
}

const packages = installed();
const refused = packages.filter(
  ({ name, licence }) => !isPermissive(licence) && EXCEPTIONS[name]?.licence !== licence,
);
for (const { name, licence } of refused)
  console.error(
    `licenses: ${name} has ${licence}, which is neither permissive nor excepted in scripts/licenses.mjs`,
  );
const text = toText(packages);
if (process.argv.includes('--update')) writeFileSync(file, text);
const isStale = readFileSync(file, 'utf8') !== text;
if (isStale)
  console.error(
    'licenses: THIRD-PARTY.md is not what is installed; run npm run licenses, and look at what changed',
  );
process.exitCode = isStale || refused.length > 0 ? 1 : 0;
