import { existsSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The folder a command writes to: `out` where given, else `runs/<task>/<name>`, with -2, -3 … behind it where that
 * exists, so that no run overwrites another.
 */
export function runFolder({ out, task, name }: { out?: string; task: string; name: string }): string {
  if (out !== undefined) return out;
  const base = join('runs', task, name);
  if (!existsSync(base)) return base;
  for (let number = 2; ; number++) {
    const numbered = `${base}-${number}`;
    if (!existsSync(numbered)) return numbered;
  }
}
