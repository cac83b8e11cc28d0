export { atomicWrite } from './node/atomicWrite';
export { checkpointFile } from './node/checkpointFile';
export { lockFolder, type FolderLock } from './node/lockFolder';
export { makeFolder } from './node/makeFolder';
