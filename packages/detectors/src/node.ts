export { cachedProposals, type CachedProposalsOptions } from './node/cachedProposals';
export { checkpointFile } from './node/checkpointFile';
export { loadDetector, saveDetector } from './node/detectorFolder';
