import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { transform } from 'esbuild';
import { check } from './checks.mjs';
import { install } from './consume.mjs';
import { root, run } from './pack.mjs';

/** Files, and what only a page has: such examples are type-checked, the others run too. */
const NEEDS_MORE =
  /'[^']*\.(jpg|png|pth|safetensors|js|json)'|'(data|runs|flowers|bccd)|document\.|redis:|planNativeInstall/;

/** Every README's examples, in an empty project of pnpm (strict) with exactly what its install line names. */
export async function checkReadmes(packages, scratch) {
  const own = Object.fromEntries(packages.map(({ manifest, tarball }) => [manifest.name, `file:${tarball}`]));
  for (const { folder, manifest } of packages) {
    const text = await readFile(join(root, folder, 'README.md'), 'utf8');
    const examples = [...text.matchAll(/^```(ts|js)\n(.*?)^```$/gms)].map(([, language, code]) => ({
      language,
      code,
    }));
    if (examples.length === 0) continue;
    const named = installLine(text);
    const project = join(scratch, `readme-${folder.split('/').at(-1)}`);
    const versions = named.map((name) => [
      name,
      own[name] ?? (name.startsWith('@tensorflow') ? '4.22.0' : '*'),
    ]);
    await install('pnpm', project, Object.fromEntries(versions), own);
    for (const [i, example] of examples.entries())
      await checkExample(`${manifest.name} ${i + 1}`, example, { project, i });
  }
}

/** The packages of the first `npm i` line, which may go on after a backslash. */
function installLine(text) {
  const line = /^npm (?:i|install) ((?:.*\\\n)*.*)$/m.exec(text)?.[1] ?? '';
  return line.split(/[\s\\]+/).filter((word) => word !== '' && !word.startsWith('-'));
}

async function checkExample(what, { language, code }, { project, i }) {
  await writeFile(join(project, `example${i}.ts`), `${code}\nexport {};\n`);
  const flags = [
    '--noEmit',
    '--strict',
    '--target',
    'es2022',
    '--module',
    'node16',
    '--lib',
    'es2023,dom,dom.iterable',
  ];
  if (language === 'ts')
    await check(`README types: ${what}`, () =>
      run('npx', ['tsc', ...flags, '--skipLibCheck', `example${i}.ts`], { cwd: project }),
    );
  if (NEEDS_MORE.test(code)) return;
  const { code: script } = await transform(code, { loader: 'ts', format: 'esm', target: 'node20' });
  await writeFile(join(project, `example${i}.mjs`), script);
  await check(`README runs: ${what}`, () => run('node', [`example${i}.mjs`], { cwd: project }));
}
