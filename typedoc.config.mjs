// The API reference (`npm run docs:api`), which fails on what is exported without a word on what it is.

import { readdirSync } from 'node:fs';

const KINDS = ['rcnn', 'spp-net', 'fast-rcnn', 'faster-rcnn'];
/** `DetectorType` has their words. */
const OF_A_TYPE = ['resolve', 'build', 'initialize', 'phases'];

export default {
  name: 'roikit',
  readme: 'README.md',
  entryPoints: ['packages/*/src/index.ts', 'packages/*/src/node.ts', 'packages/ops/src/layers.ts'],
  tsconfig: 'tsconfig.docs.json',
  out: 'docs/reference',
  skipErrorChecking: true, // npm run typecheck does
  treatWarningsAsErrors: true,
  validation: { invalidLink: true, notDocumented: true },
  packagesRequiringDocumentation: readdirSync('packages').map((name) => `@roikit/${name}`),
  // Types are not among them: their fields say more than another word for their name.
  requiredToBeDocumented: ['Function', 'Class', 'Variable', 'Enum'],
  intentionallyNotDocumented: [
    'detectors/src.GeneralizedRCNN.contextOf.__type.dispose',
    'jobs/src.Storage.list.__type.modified',
    ...KINDS.flatMap((kind) =>
      OF_A_TYPE.map((name) => `detectors/src.DETECTORS.__type.${kind}.__type.${name}`),
    ),
  ],
};
