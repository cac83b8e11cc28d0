import { cp, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { transform } from 'esbuild';
import { check, inTurns, skip } from './checks.mjs';
import { commandsOf } from './documents.mjs';
import { node, root, run, tsc } from './run.mjs';
import { servedCommand } from './served.mjs';
import { asRun, placeStandIns, whyNotRun } from './standIns.mjs';

const FLAGS = [
  '--noEmit',
  '--strict',
  '--skipLibCheck',
  '--target',
  'es2022',
  '--module',
  'node16',
  '--lib',
  'es2023,dom,dom.iterable',
];

/** The examples of every document, one after the other in its own project. */
export async function checkExamples(documents, folder, standIns) {
  await inTurns(documents, async (document) => {
    const project = join(folder, document.name);
    await placeStandIns(document.text, project, standIns);
    if (document.path.startsWith('examples/')) await placeExample(join(root, document.path, '..'), project);
    await checkTypes(document, project);
    for (const [i, { language, code }] of document.blocks.entries()) {
      const what = `${document.path} ${i + 1}`;
      if (language === 'sh') await runCommands(what, code, project);
      else await runScript(what, code, join(project, fileName(code, i)));
    }
  });
}

/** The name that a first comment gives it (`// child.ts: …`), for examples that need each other. */
const fileName = (code, i) => /^\/\/ (\w+)\.ts:/.exec(code)?.[1] ?? `example${i + 1}`;

/** The folder's own files, but tests, which have `devDependencies`. */
async function placeExample(from, project) {
  for (const name of await readdir(from))
    if (/\.(js|html)$/.test(name)) await cp(join(from, name), join(project, name));
}

async function checkTypes({ path, blocks }, project) {
  const files = [];
  for (const [i, { language, code }] of blocks.entries()) {
    if (language !== 'ts') continue;
    files.push(`${fileName(code, i)}.ts`);
    await writeFile(join(project, files.at(-1)), `${code}\nexport {};\n`);
  }
  if (files.length > 0)
    await check(`example types: ${path}`, () => tsc([...FLAGS, ...files], { cwd: project }));
}

async function runScript(what, code, file) {
  const why = whyNotRun(code);
  if (why !== undefined) return skip(what, why);
  const { code: script } = await transform(asRun(code), { loader: 'ts', format: 'esm', target: 'node20' });
  await writeFile(`${file}.js`, script);
  // What others start is run by them.
  if (!/example\d+$/.test(file)) return;
  await check(`example runs: ${what}`, () => node([`${file}.js`], { cwd: join(file, '..') }));
}

async function runCommands(what, code, project) {
  const commands = commandsOf(code);
  const server = commands.find((command) => command.startsWith('node server.js'));
  for (const command of commands.filter((command) => command !== server)) {
    const why = server === undefined ? whyNotRun(command) : undefined;
    if (why !== undefined) {
      skip(`${what}: ${command}`, why);
      continue;
    }
    await check(`example runs: ${what}: ${command}`, () =>
      server === undefined
        ? run('bash', ['-c', asRun(command)], { cwd: project })
        : servedCommand(command, { project, server }),
    );
  }
}
