// What strangers install: packs every package, lints the tarballs, installs them into empty projects with npm and with
// pnpm, and there imports, type-checks and bundles each entry. `node scripts/checkPackages.mjs` after `npm run build`.

import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const run = promisify(execFile);
const pnpm = ['--yes', 'pnpm@10.34.8'];
const problems = [];
const problem = (what, error) => {
  const text = `${error?.stdout ?? ''}${error?.stderr ?? error ?? ''}`.trim();
  problems.push(`${what}: ${text.split('\n').slice(0, 12).join('\n  ')}`);
  console.log(`✗ ${what}`);
};
async function check(what, action) {
  try {
    await action();
    console.log(`✓ ${what}`);
  } catch (error) {
    problem(what, error);
  }
}

const scratch = await mkdtemp(join(tmpdir(), 'roikit-packages-'));
try {
  const packages = await packAll();
  await lintAll(packages);
  for (const tool of ['npm', 'pnpm']) await consume(tool, packages);
} finally {
  await rm(scratch, { recursive: true, force: true });
}
for (const text of problems) console.error(`\n${text}`);
process.exitCode = problems.length > 0 ? 1 : 0;

async function packAll() {
  const folders = (await readdir(join(root, 'packages'))).map((name) => join('packages', name));
  return Promise.all(
    [...folders, 'apps/cli'].map(async (folder) => {
      const manifest = JSON.parse(await readFile(join(root, folder, 'package.json'), 'utf8'));
      const { stdout } = await run('npx', [...pnpm, 'pack', '--pack-destination', scratch], {
        cwd: join(root, folder),
      });
      const tarball = stdout
        .trim()
        .split('\n')
        .find((line) => line.endsWith('.tgz'));
      const entries = Object.keys(manifest.exports ?? {}).filter((entry) => !/[*]|json/.test(entry));
      return { folder, manifest, tarball, entries: entries.map((entry) => manifest.name + entry.slice(1)) };
    }),
  );
}

async function lintAll(packages) {
  for (const { manifest, tarball, entries } of packages) {
    await check(`publint ${manifest.name}`, async () => {
      const buffer = await readFile(tarball);
      const pack = { tarball: buffer.buffer.slice(buffer.byteOffset, buffer.byteOffset + buffer.length) };
      const { messages } = await publint({ pack, strict: true });
      if (messages.length > 0)
        throw messages.map((message) => formatMessage(message, manifest, { color: false })).join('\n');
    });
    if (entries.length === 0) continue;
    await check(`attw ${manifest.name}`, () =>
      run('npx', [...pnpm, 'exec', 'attw', tarball, '--profile', 'esm-only', '--no-emoji'], { cwd: root }),
    );
  }
}

/** An empty project of one tool with everything in it. */
async function consume(tool, packages) {
  const project = join(scratch, tool);
  await mkdir(project);
  const own = Object.fromEntries(packages.map(({ manifest, tarball }) => [manifest.name, `file:${tarball}`]));
  const peers = Object.assign({}, ...packages.map(({ manifest }) => required(manifest)));
  const manifest = {
    name: 'consumer',
    private: true,
    type: 'module',
    dependencies: { ...peers, ...own },
    devDependencies: { typescript: '*', '@types/node': '*' },
    overrides: own,
    pnpm: { overrides: own },
  };
  await writeFile(join(project, 'package.json'), JSON.stringify(manifest));
  const entries = packages.flatMap(({ entries }) => entries);
  await check(`${tool} install`, () =>
    tool === 'npm'
      ? run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'], {
          cwd: project,
        })
      : run('npx', [...pnpm, 'install', '--ignore-scripts', '--prefer-offline'], { cwd: project }),
  );
  await importAll(tool, project, entries);
  await typecheck(tool, project, entries);
  if (tool === 'npm') await bundleAll(project, entries);
}

/** Peers that are not optional, as somebody who reads the install line has them. */
function required({ peerDependencies = {}, peerDependenciesMeta = {} }) {
  return Object.fromEntries(
    Object.entries(peerDependencies).filter(([name]) => !peerDependenciesMeta[name]?.optional),
  );
}

async function importAll(tool, project, entries) {
  for (const entry of entries) {
    await check(`${tool}: import ${entry}`, () =>
      run('node', ['--input-type=module', '--eval', `await import('${entry}')`], { cwd: project }),
    );
  }
}

async function typecheck(tool, project, entries) {
  const lines = entries.map((entry, i) => `import * as m${i} from '${entry}';\nexport { m${i} };`);
  await writeFile(join(project, 'consumer.ts'), lines.join('\n'));
  for (const resolution of ['node16', 'bundler']) {
    const module = resolution === 'bundler' ? 'esnext' : 'node16';
    const flags = ['--noEmit', '--strict', '--target', 'es2022', '--module', module];
    // Types of others (sharp, tfjs) are not ours to check.
    flags.push('--moduleResolution', resolution, '--skipLibCheck', 'consumer.ts');
    await check(`${tool}: types under moduleResolution ${resolution}`, () =>
      run('npx', ['tsc', ...flags], { cwd: project }),
    );
  }
}

/** Entries for pages; those that end in /node are not. */
async function bundleAll(project, entries) {
  for (const entry of entries.filter((entry) => !entry.endsWith('/node'))) {
    await check(`esbuild for a page: ${entry}`, async () => {
      const { outputFiles } = await build({
        stdin: { contents: `export * from '${entry}'`, resolveDir: project },
        bundle: true,
        write: false,
        format: 'esm',
        splitting: true,
        outdir: join(project, 'out'),
        minify: true,
        platform: 'browser',
        target: 'es2022',
        logLevel: 'silent',
        external: ['@tensorflow/*'],
      });
      const first = outputFiles.find(({ path }) => path.endsWith('stdin.js'));
      console.log(`  ${Math.round(gzipSync(first.contents).length / 1000)} kB gzip without TensorFlow.js`);
    });
  }
}
