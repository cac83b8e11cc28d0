import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { check } from './checks.mjs';
import { run } from './pack.mjs';

/** The oldest that `engines` names, the lines that are kept, and the newest. */
const VERSIONS = ['20.19.0', '22', '24', 'latest'];

/** Imports every entry in each of these Nodes, whose binaries are npm packages; one process for all of them. */
export async function importInNodes(project, entries, scratch) {
  const folder = join(scratch, 'nodes');
  await mkdir(folder);
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const binary = `node-${platform}-${process.arch}`;
  const dependencies = VERSIONS.map((version) => [`node${version}`, `npm:${binary}@${version}`]);
  const manifest = { private: true, dependencies: Object.fromEntries(dependencies) };
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
  await check('node: install', () =>
    run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'], {
      cwd: folder,
    }),
  );
  const code = entries.map((entry) => `await import('${entry}')`).join(';\n');
  for (const [name] of dependencies) {
    const node = join(folder, 'node_modules', name, 'bin', platform === 'win' ? 'node.exe' : 'node');
    const { stdout: version } = await run(node, ['--version']).catch(() => ({ stdout: 'none' }));
    await check(`node: ${version.trim()} imports all ${entries.length} entries`, () =>
      run(node, ['--input-type=module', '--eval', code], { cwd: project }),
    );
  }
}
