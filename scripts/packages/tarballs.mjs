// `npm run pack`: every package as the tarball that would be published, in tarballs/, for those who use a clone before the
// packages are on npm. All of them go into one `npm i`, since they need each other.
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { packAll } from './pack.mjs';
import { root } from './run.mjs';

const folder = join(root, 'tarballs');
await rm(folder, { recursive: true, force: true });
await mkdir(folder);
const packages = await packAll(folder);
console.log(`${packages.length} packages in tarballs/; in your own project: npm i ${folder}/*.tgz`);
