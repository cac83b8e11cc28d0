import { readFile } from 'node:fs/promises';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { check } from './checks.mjs';
import { pnpm, root, run } from './pack.mjs';

/** publint and Are the types wrong?, on the tarballs. */
export async function lintAll(packages) {
  for (const { manifest, tarball, entries } of packages) {
    await check(`publint: ${manifest.name}`, async () => {
      const buffer = await readFile(tarball);
      const pack = { tarball: buffer.buffer.slice(buffer.byteOffset, buffer.byteOffset + buffer.length) };
      const { messages } = await publint({ pack, strict: true });
      if (messages.length > 0)
        throw messages.map((message) => formatMessage(message, manifest, { color: false })).join('\n');
    });
    if (entries.length === 0) continue;
    await check(`attw: ${manifest.name}`, () =>
      run('npx', [...pnpm, 'exec', 'attw', tarball, '--profile', 'esm-only', '--no-emoji'], { cwd: root }),
    );
  }
}
