import { lockFolder, type FolderLock } from '../src/node';

// A process that locks the folders it is told, and says whether it got them; told 'release', it gives the last one back.

let lock: FolderLock | undefined;
process.on('message', async (folder: string) => {
  if (folder === 'release') {
    await lock?.release();
    lock = undefined;
    return process.send!('released');
  }
  lock = await lockFolder(folder).catch((error: Error) => {
    if (!error.message.includes('another run is writing')) process.send!(error.message);
    return undefined;
  });
  process.send!(lock ? 'held' : 'refused');
});
process.send!('ready');
