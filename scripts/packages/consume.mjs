import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleAll } from './bundle.mjs';
import { check } from './checks.mjs';
import { importInNodes } from './nodes.mjs';
import { pnpm, run } from './pack.mjs';

/** Makes an empty project that has these dependencies; `own` are the tarballs, by name, for dependencies of dependencies. */
export async function install(tool, project, dependencies, own) {
  await mkdir(project);
  const manifest = {
    name: 'consumer',
    private: true,
    type: 'module',
    dependencies,
    devDependencies: { typescript: '~5.9.3', '@types/node': '^20.19.0' },
    overrides: own,
    pnpm: { overrides: own },
  };
  await writeFile(join(project, 'package.json'), JSON.stringify(manifest));
  // pnpm at its strictest: nobody sees a package that their own manifest doesn't name.
  const strict = 'hoist=false\nstrict-peer-dependencies=true\nauto-install-peers=false\n';
  if (tool === 'pnpm') await writeFile(join(project, '.npmrc'), strict);
  await check(`${tool} install: ${project.split('/').at(-1)}`, () =>
    tool === 'npm'
      ? run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'], {
          cwd: project,
        })
      : run('npx', [...pnpm, 'install', '--ignore-scripts', '--prefer-offline'], { cwd: project }),
  );
}

/** An empty project of one tool with everything in it. */
export async function consume(tool, packages, scratch) {
  const project = join(scratch, tool);
  const own = Object.fromEntries(packages.map(({ manifest, tarball }) => [manifest.name, `file:${tarball}`]));
  const peers = Object.assign({}, ...packages.map(({ manifest }) => required(manifest)));
  const entries = packages.flatMap(({ entries }) => entries);
  await install(tool, project, { ...peers, ...own }, own);
  await importAll(tool, project, entries);
  await typecheck(tool, project, entries);
  if (tool !== 'npm') return;
  await importInNodes(project, entries, scratch);
  await bundleAll(project, entries);
}

/** Peers that are not optional, as somebody who reads the install line has them. */
function required({ peerDependencies = {}, peerDependenciesMeta = {} }) {
  return Object.fromEntries(
    Object.entries(peerDependencies).filter(([name]) => !peerDependenciesMeta[name]?.optional),
  );
}

async function importAll(tool, project, entries) {
  for (const entry of entries) {
    await check(`${tool} import: ${entry}`, () =>
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
    await check(`${tool} types: moduleResolution ${resolution}`, () =>
      run('npx', ['tsc', ...flags], { cwd: project }),
    );
  }
}
