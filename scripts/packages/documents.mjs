import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from './run.mjs';

/** Where readers find examples: the READMEs of all packages, of the command, of the examples, and the guides. */
async function paths() {
  const inFolder = async (folder, suffix) =>
    (await readdir(join(root, folder))).map((name) => `${folder}/${name}${suffix}`);
  return [
    'README.md',
    'apps/cli/README.md',
    'docs/jobs.md',
    ...(await inFolder('docs/guides', '')),
    ...(await inFolder('packages', '/README.md')),
    ...(await inFolder('examples', '/README.md')),
  ];
}

/** Every document with its blocks of code, the packages of its install line, and a name for its project. */
export async function readDocuments() {
  return Promise.all(
    (await paths()).map(async (path) => {
      const text = await readFile(join(root, path), 'utf8');
      const blocks = [...text.matchAll(/^```(ts|js|sh)\n(.*?)^```$/gms)].map(([, language, code]) => ({
        language,
        code,
      }));
      const name = path.replace(/(\/README)?\.md$/, '').replaceAll('/', '-');
      return { path, name, text, blocks, dependencies: installLine(text) };
    }),
  );
}

/** The packages of the first `npm i` line, which may go on after a backslash. */
function installLine(text) {
  const line = /^npm (?:i|install) ((?:.*\\\n)*.*)$/m.exec(text)?.[1].replace(/ # .*/, '') ?? '';
  return line.split(/[\s\\]+/).filter((word) => word !== '' && !word.startsWith('-'));
}

/** The commands of a block of shell: lines that go on are joined; comments, and what installs, are left out. */
export function commandsOf(code) {
  const lines = code.replaceAll(/\\\n\s*/g, '').split('\n');
  return lines
    .map((line) => line.replace(/(^|\s+)#\s.*$/, '').trim())
    .filter((line) => line !== '' && !/^npm (i|install) /.test(line));
}
