// Where the repository lives stands once, in the root's package.json. npm wants it in every manifest, and provenance is
// refused where it is wrong: `npm run release:repository` writes it there and into the publish workflow.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const WORKFLOW = '.github/workflows/publish.yml';
const read = (file) => readFileSync(join(root, file), 'utf8');

/** Files that name the repository, as they should be. */
export function withRepository() {
  const { repository } = JSON.parse(read('package.json'));
  const slug = /([\w.-]+\/[\w.-]+?)(\.git)?$/.exec(repository.url)[1];
  const folders = [...readdirSync(join(root, 'packages')).map((name) => `packages/${name}`), 'apps/cli'];
  const manifests = folders.map((directory) => {
    const manifest = {
      ...JSON.parse(read(`${directory}/package.json`)),
      repository: { ...repository, directory },
    };
    return [`${directory}/package.json`, `${JSON.stringify(manifest, undefined, 2)}\n`];
  });
  return new Map([
    ...manifests,
    [WORKFLOW, read(WORKFLOW).replace(/(github\.repository == )'.*'/, `$1'${slug}'`)],
  ]);
}

if (process.argv.includes('--update'))
  for (const [file, text] of withRepository()) writeFileSync(join(root, file), text);
