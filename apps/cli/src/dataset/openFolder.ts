import { openDataset, type DatasetFormat, type FileDataset } from '@roikit/datasets/node';
import { inFlags } from '../errors';
import { count } from '../format';
import { note, warn } from '../terminal/print';

export interface FolderOptions {
  format?: 'auto' | DatasetFormat;
  split?: string;
  classes?: readonly string[];
  /** Folders of pictures and annotations where they aren't found by themselves. */
  images?: string;
  annotations?: string;
  strict?: boolean;
}

/** Whether anything is annotated. */
export function hasObjects(dataset: FileDataset): boolean {
  for (let i = 0; i < dataset.length; i++) if (dataset.truth(i).labels.length > 0) return true;
  return false;
}

/** Problems that are printed one by one; the rest is only counted. */
const SHOWN_PROBLEMS = 5;

/** Opens a folder of annotated pictures and says what in it can't be used. */
export async function openFolder(path: string, options: FolderOptions): Promise<FileDataset> {
  const dataset = await openDataset(path, options);
  const { problems } = dataset;
  for (const problem of problems.slice(0, SHOWN_PROBLEMS)) warn(inFlags(problem.message));
  if (problems.length > 0) {
    const more =
      problems.length > SHOWN_PROBLEMS ? `, ${problems.length - SHOWN_PROBLEMS} of them not listed here` : '';
    note(`${count(problems.length, 'problem')} in ${path}${more}; --strict makes them fatal\n`);
  }
  return dataset;
}
