// `npm run release:version`: new versions in every manifest, and what the changesets said in CHANGELOG.md.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { insert, section } from './changelog.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const pnpm = (...args) =>
  execFileSync('npx', ['--yes', 'pnpm@10.34.8', ...args], { cwd: root, stdio: 'inherit' });

const scratch = mkdtempSync(join(tmpdir(), 'roikit-release-'));
try {
  const plan = join(scratch, 'plan.json');
  // Relative to the root, as changesets wants it.
  pnpm('exec', 'changeset', 'status', `--output=${relative(root, plan)}`);
  const date = new Date().toISOString().slice(0, 10);
  const entry = section(JSON.parse(readFileSync(plan, 'utf8')), date);
  const changelog = join(root, 'CHANGELOG.md');
  writeFileSync(changelog, insert(readFileSync(changelog, 'utf8'), entry));
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
pnpm('exec', 'changeset', 'version');
