export { didYouMean } from './didYouMean';
export { atomicWrite } from './node/atomicWrite';
export { checkpointFile } from './node/checkpointFile';
export { clearLeftovers } from './node/clearLeftovers';
export { lockFolder, type FolderLock } from './node/lockFolder';
export { makeFolder } from './node/makeFolder';
