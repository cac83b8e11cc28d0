import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { check, inTurns } from './checks.mjs';
import { node, tsc } from './run.mjs';

/** Every entry by itself, in a process of its own. */
export async function importEach(tool, project, entries) {
  await inTurns(entries, (entry) =>
    check(`${tool} imports: ${entry}`, () =>
      node(['--input-type=module', '--eval', `await import('${entry}')`], { cwd: project }),
    ),
  );
}

/** All entries in a strict project, under both resolutions that know `exports`. */
export async function typecheck(tool, project, entries) {
  const lines = entries.map((entry, i) => `import * as m${i} from '${entry}';\nexport { m${i} };`);
  await writeFile(join(project, 'consumer.ts'), lines.join('\n'));
  await inTurns(['node16', 'bundler'], (resolution) => {
    const module = resolution === 'bundler' ? 'esnext' : 'node16';
    const flags = ['--noEmit', '--strict', '--target', 'es2022', '--module', module];
    // Types of others (sharp, tfjs) are not ours to check.
    flags.push('--moduleResolution', resolution, '--skipLibCheck', 'consumer.ts');
    return check(`${tool} types: moduleResolution ${resolution}`, () => tsc(flags, { cwd: project }));
  });
}
