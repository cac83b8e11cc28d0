import { readFile } from 'node:fs/promises';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { check } from './checks.mjs';

/** What the command attw leaves out with `--profile esm-only`: our packages are ES modules, and Node ≥ 20.19 needs no more. */
const NOT_OURS = ['node10', 'node16-cjs'];

/** publint and Are the types wrong?, on the tarballs. */
export async function lintAll(packages) {
  for (const { manifest, tarball, entries } of packages) {
    const bytes = new Uint8Array(await readFile(tarball));
    await check(`publint: ${manifest.name}`, async () => {
      const { messages } = await publint({ pack: { tarball: bytes.buffer }, strict: true });
      if (messages.length > 0)
        throw messages.map((message) => formatMessage(message, manifest, { color: false })).join('\n');
    });
    if (entries.length > 0) await check(`attw: ${manifest.name}`, () => checkTypes(bytes));
  }
}

async function checkTypes(bytes) {
  const { types, problems } = await checkPackage(createPackageFromTarballData(bytes));
  if (!types) throw new Error('no types');
  const found = problems.filter(({ resolutionKind }) => !NOT_OURS.includes(resolutionKind));
  if (found.length > 0) throw new Error(found.map((problem) => JSON.stringify(problem)).join('\n'));
}
