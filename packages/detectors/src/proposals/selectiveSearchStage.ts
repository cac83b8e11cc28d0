import { selectiveSearch } from '@roikit/proposals';
import type { ProposalsConfig } from '../config';
import type { ProposalStage } from '../parts';

/** Proposals by selective search, or none of its own: with `precomputed` the caller brings boxes. */
export function selectiveSearchStage(config: 'precomputed' | ProposalsConfig): ProposalStage {
  return {
    propose: async ({ image }) => {
      if (config !== 'precomputed') return selectiveSearch(image, config).boxes;
      throw new TypeError(
        "detect: this detector was made with proposals: 'precomputed', pass them as options.proposals",
      );
    },
  };
}
