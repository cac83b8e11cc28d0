export { cachedProposals, type CachedProposalsOptions } from './node/cachedProposals';
export { checkpointFile } from './node/checkpointFile';
export { detectorPool, type DetectorPool, type DetectorPoolOptions } from './node/detectorPool';
export { loadDetector, saveDetector } from './node/detectorFolder';
