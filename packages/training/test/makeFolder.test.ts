import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { makeFolder } from '../src/node';

const folder = mkdtempSync(join(tmpdir(), 'roikit-folder-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('makes what is missing, and is content with what is there', async () => {
  const path = join(folder, 'a/b/c');
  await makeFolder(path);
  await makeFolder(path);
  expect(existsSync(path)).toBe(true);
});

test('a file in the way is named', async () => {
  writeFileSync(join(folder, 'file'), '');
  await expect(makeFolder(join(folder, 'file/b/c'))).rejects.toThrow(/ENOTDIR.*file/);
});

// /proc takes no folders, from nobody; Node's own recursive mkdir never returns.
test.skipIf(!existsSync('/proc/self'))(
  'where nothing can be made, the reason is the true one (needs /proc)',
  async () => {
    await expect(makeFolder('/proc/a/b')).rejects.toMatchObject({ path: '/proc/a' });
  },
);
