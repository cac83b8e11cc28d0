import type { FastRCNN, ProposalSource } from '@roikit/detectors';
import { cachedProposals } from '@roikit/detectors/node';
import envPaths from 'env-paths';
import { join } from 'node:path';

/** The detector's own proposals, kept on disk by image content and parameters. */
export function cachedSource(
  detector: FastRCNN,
  folder: string = envPaths('roikit', { suffix: '' }).cache,
): ProposalSource {
  const { proposals } = detector.config;
  return cachedProposals((image) => detector.propose(image), {
    folder: join(folder, 'proposals'),
    parameters: proposals,
  });
}
