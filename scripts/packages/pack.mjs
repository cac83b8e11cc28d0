import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pnpm, retried, root } from './run.mjs';

/** Every package as the tarball that would be published, with the entries that it exports. */
export async function packAll(target) {
  const folders = (await readdir(join(root, 'packages'))).map((name) => `packages/${name}`);
  const filters = ['--filter', './packages/*', '--filter', 'roikit'];
  const pack = ['--recursive', ...filters, 'pack', '--json', '--pack-destination', target];
  // npx may have to fetch pnpm itself.
  const { stdout } = await retried(() => pnpm(pack, { cwd: root }));
  const tarballs = new Map(JSON.parse(stdout).map(({ name, filename }) => [name, filename]));
  return Promise.all(
    [...folders, 'apps/cli'].map(async (folder) => {
      const manifest = JSON.parse(await readFile(join(root, folder, 'package.json'), 'utf8'));
      const entries = Object.keys(manifest.exports ?? {})
        .filter((entry) => !/[*]|json/.test(entry))
        .map((entry) => manifest.name + entry.slice(1));
      return { folder, manifest, tarball: tarballs.get(manifest.name), entries };
    }),
  );
}
