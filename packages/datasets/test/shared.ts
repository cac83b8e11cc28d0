import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Real data beside the repository, which is never part of it. */
export const sharedData = fileURLToPath(new URL('../../../../shared/data', import.meta.url));

export const noSharedData = !existsSync(sharedData);

/** Put into the titles of tests that need it. */
export const needsSharedData = noSharedData ? ' (SKIPPED: no ../shared/data)' : '';

if (noSharedData) console.warn('datasets: ../shared/data is missing, tests on real photos are skipped');
