// The API reference (`npm run docs:api`), which fails on what is exported without a word on what it is.

import { readdirSync, readFileSync } from 'node:fs';

const packages = readdirSync('packages').map((name) => `packages/${name}`);
const manifests = packages.map((folder) => JSON.parse(readFileSync(`${folder}/package.json`, 'utf8')));
const sources = manifests.flatMap(({ exports = {} }, i) =>
  Object.values(exports)
    .filter((entry) => entry['@roikit/source'] !== undefined)
    .map((entry) => `${packages[i]}/${entry['@roikit/source']}`),
);

export default {
  name: 'roikit',
  readme: 'README.md',
  entryPoints: sources,
  tsconfig: 'tsconfig.docs.json',
  out: 'docs/reference',
  skipErrorChecking: true, // npm run typecheck does
  treatWarningsAsErrors: true,
  validation: { invalidLink: true, notDocumented: true },
  packagesRequiringDocumentation: manifests.map(({ name }) => name),
  // Types are not among them: their fields say more than another word for their name.
  requiredToBeDocumented: ['Function', 'Class', 'Variable', 'Enum'],
  intentionallyNotDocumented: [
    'detectors/src.GeneralizedRCNN.contextOf.__type.dispose',
    'jobs/src.Storage.list.__type.modified',
  ],
};
