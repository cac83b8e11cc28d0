import type { Stats } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Every file below a folder, as paths below it with '/', sorted. Links are followed, but no folder is entered twice, by its
 * own path first. Hidden files and folders (macOS's `._x.jpg`) are left out, and pipes, sockets and devices: reading one
 * may never end.
 *
 * @param onUnreadable hears of each folder below that can't be listed. @default they are passed over
 * @throws the system's error where the folder itself can't be read
 */
export async function listFiles(
  root: string,
  onUnreadable: (folder: string, error: NodeJS.ErrnoException) => void = () => {},
): Promise<string[]> {
  const files: string[] = [];
  const seen = new Set<string>();
  const walk = async (prefix: string): Promise<void> => {
    const folder = join(root, prefix);
    const real = await realpath(folder);
    if (seen.has(real)) return;
    seen.add(real);
    const links: string[] = [];
    const folders: string[] = [];
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      if (entry.name.startsWith('.')) continue;
      const link = entry.isSymbolicLink();
      const target = link ? await targetOf(join(folder, entry.name)) : entry;
      if (target?.isDirectory()) (link ? links : folders).push(entry.name);
      // A link that leads nowhere is a file that can't be read, which its reader tells.
      else if (target?.isFile() ?? true) files.push(prefix + entry.name);
    }
    for (const name of [...folders.sort(), ...links.sort()]) {
      const below = `${prefix}${name}/`;
      await walk(below).catch((error: NodeJS.ErrnoException) => onUnreadable(join(root, below), error));
    }
  };
  await walk('');
  return files.sort();
}

async function targetOf(link: string): Promise<Stats | undefined> {
  return stat(link).catch(() => undefined);
}
