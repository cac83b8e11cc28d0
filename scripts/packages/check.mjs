// What strangers install: packs every package, lints the tarballs, installs them into empty projects with npm and with
// pnpm, there imports, type-checks and bundles each entry, and tries the examples of the READMEs.
// `npm run check:packages`, after `npm run build`.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { report } from './checks.mjs';
import { consume } from './consume.mjs';
import { lintAll } from './lint.mjs';
import { packAll } from './pack.mjs';
import { checkReadmes } from './readmes.mjs';

const scratch = await mkdtemp(join(tmpdir(), 'roikit-packages-'));
try {
  const packages = await packAll(scratch);
  await lintAll(packages);
  for (const tool of ['npm', 'pnpm']) await consume(tool, packages, scratch);
  await checkReadmes(packages, scratch);
} finally {
  await rm(scratch, { recursive: true, force: true });
}
report();
