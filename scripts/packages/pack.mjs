import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

export const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
export const run = promisify(execFile);
export const pnpm = ['--yes', 'pnpm@10.34.8'];

/** Every package as the tarball that would be published, with the entries that it exports. */
export async function packAll(target) {
  const folders = (await readdir(join(root, 'packages'))).map((name) => join('packages', name));
  return Promise.all(
    [...folders, 'apps/cli'].map(async (folder) => {
      const manifest = JSON.parse(await readFile(join(root, folder, 'package.json'), 'utf8'));
      const { stdout } = await run('npx', [...pnpm, 'pack', '--pack-destination', target], {
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
