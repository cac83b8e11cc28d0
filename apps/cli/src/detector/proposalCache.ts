import type { Detector, ProposalSource } from '@roikit/detectors';
import { cachedProposals } from '@roikit/detectors/node';
import { selectiveSearchVersion } from '@roikit/proposals';
import { selectiveSearchPool, type SelectiveSearchPool } from '@roikit/proposals/node';
import envPaths from 'env-paths';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { warn } from '../terminal/print';

/** Proposals of a detector's own kind, from the cache or computed on several threads. */
export interface ProposalCache {
  /** Absent where there is nothing to compute: the network proposes, or it was made for boxes from elsewhere, and will say so. */
  source?: ProposalSource;
  /** Ends the threads. */
  close(): Promise<void>;
}

/** Threads beyond this find nothing to do: the slowest mode searches in five colour spaces. */
const MAX_WORKERS = 5;

/** The detector's own proposals, kept on disk by image content and parameters; threads start with the first miss. */
export function proposalCache(
  { config: { proposals: parameters } }: Detector,
  folder: string = envPaths('roikit', { suffix: '' }).cache,
): ProposalCache {
  if (parameters === undefined || parameters === 'precomputed') return { close: async () => {} };
  let pool: SelectiveSearchPool | undefined;
  const compute: ProposalSource = async (image) => {
    pool ??= selectiveSearchPool({ workers: Math.min(MAX_WORKERS, availableParallelism()) });
    return (await pool.selectiveSearch(image, parameters)).boxes;
  };
  return {
    source: cachedProposals(compute, {
      folder: join(folder, 'proposals'),
      parameters: { version: selectiveSearchVersion, ...parameters },
      warn,
    }),
    close: async () => pool?.close(),
  };
}
