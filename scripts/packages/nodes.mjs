import { join } from 'node:path';
import { check } from './checks.mjs';
import { installNpm } from './install.mjs';
import { run } from './run.mjs';

/** The oldest that `engines` names, the lines that are kept, and the newest; not `latest`, which changes overnight. */
const VERSIONS = ['20.19.0', '22', '24', '26'];

/** Imports every entry in each of these Nodes, whose binaries are npm packages; one process for all of them. */
export async function importInNodes(project, entries, folder) {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const names = VERSIONS.map((version) => [
    `node${version}`,
    `npm:node-${platform}-${process.arch}@${version}`,
  ]);
  await installNpm(folder, { dependencies: Object.fromEntries(names), devDependencies: {} });
  const code = entries.map((entry) => `await import('${entry}')`).join(';\n');
  for (const [name] of names) {
    const binary = join(folder, 'node_modules', name, 'bin', platform === 'win' ? 'node.exe' : 'node');
    const { stdout: version } = await run(binary, ['--version']).catch(() => ({ stdout: name }));
    await check(`Node: ${version.trim()} imports all ${entries.length} entries`, () =>
      run(binary, ['--input-type=module', '--eval', code], { cwd: project }),
    );
  }
}
