export { cachedProposals, type CachedProposalsOptions } from './node/cachedProposals';
export { loadDetector, saveDetector } from './node/detectorFolder';
export { detectorPool, type DetectorPool, type DetectorPoolOptions } from './node/detectorPool';
