import { signal } from '@preact/signals';
import { addPictures } from '../train/album';
import { data } from '../train/run';
import { api, busy, guarded, loadDetector, showPicture } from './actions';
import { tab } from './session';
import { stopWebcam } from './webcam';

/** Whether something is being dragged over the page. */
export const dragged = signal(false);

const isZip = ({ name, type }: File) => /\.zip$/i.test(name) || type === 'application/zip';

/** Files from wherever: a detector's, or a picture; to the training tab, pictures to learn from. */
export async function takeFiles(files: readonly File[]): Promise<void> {
  if (files.length === 0) return;
  await stopWebcam();
  const detector = files.some(({ name }) => name === 'detector.json') || files.some(isZip);
  if (detector) {
    tab.value = 'detect';
    const name = files.find(isZip)?.name.replace(/\.zip$/i, '') ?? folderOf(files);
    return loadDetector({ files }, name);
  }
  if (tab.value === 'train') {
    data.value = 'own';
    return addPictures(files);
  }
  const file = files[0]!;
  return guarded(async () => {
    busy('read');
    const image = await api.decode(file, file.name);
    await showPicture({ name: file.name || 'pasted', image });
  });
}

function folderOf(files: readonly File[]): string {
  const path = files[0]?.webkitRelativePath ?? '';
  return path.split('/')[0] || 'detector';
}

/** Listens for drops and pastes; returns what ends it. */
export function takeDrops(): () => void {
  const listeners = new AbortController();
  const on = <Name extends keyof DocumentEventMap>(
    name: Name,
    take: (event: DocumentEventMap[Name]) => void,
  ) => document.addEventListener(name, take, { signal: listeners.signal });
  on('dragover', (event) => {
    event.preventDefault();
    dragged.value = true;
  });
  on('dragleave', (event) => {
    if (event.relatedTarget === null) dragged.value = false;
  });
  on('drop', (event) => {
    event.preventDefault();
    dragged.value = false;
    // Entries are gone once the event is over.
    const entries = [...(event.dataTransfer?.items ?? [])].flatMap((item) => item.webkitGetAsEntry() ?? []);
    const plain = [...(event.dataTransfer?.files ?? [])];
    void guarded(async () => {
      busy('read');
      await takeFiles(entries.length > 0 ? await filesOf(entries) : plain);
    });
  });
  on('paste', (event) => void takeFiles([...(event.clipboardData?.files ?? [])]));
  return () => listeners.abort();
}

/** Files of what was dropped, folders unfolded. */
async function filesOf(entries: readonly FileSystemEntry[]): Promise<File[]> {
  const lists = await Promise.all(entries.map(filesOfEntry));
  return lists.flat();
}

async function filesOfEntry(entry: FileSystemEntry): Promise<File[]> {
  if (entry.isFile)
    return [
      await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject)),
    ];
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const files: File[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) return files;
    files.push(...(await filesOf(some)));
  }
}
