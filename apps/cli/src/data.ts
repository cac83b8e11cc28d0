import { digits, type Dataset } from '@roikit/datasets';
import { openDataset, type DatasetFormat, type FileDataset } from '@roikit/datasets/node';
import { mulberry32 } from '@roikit/geometry';
import { inFlags, UsageError } from './errors';
import { count, note, warn } from './terminal/print';

/** `--data digits`: synthetic scenes instead of a folder. */
export const DIGITS = 'digits';

export interface FolderOptions {
  format?: 'auto' | DatasetFormat;
  split?: string;
  classes?: readonly string[];
  /** Folders of pictures and annotations where they aren't found by themselves. */
  images?: string;
  annotations?: string;
  strict?: boolean;
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

/** What scenes are for; each has digits or at least random numbers of its own. */
export type ScenePurpose = 'train' | 'val' | 'test';

/** `--split` for scenes: test where nothing is said; UsageError for what scenes don't have. */
export function scenePurpose(split = 'test'): ScenePurpose {
  if (split === 'train' || split === 'val' || split === 'test') return split;
  throw new UsageError(`--split: digits have train, val and test, not ${split}`);
}

/**
 * Scenes to train on, to validate with or to test on. Test scenes use handwriting that the others never show;
 * validation scenes are new, of the training handwriting, so that choices made by them leave the test untouched.
 */
export function digitScenes(
  purpose: ScenePurpose,
  { count: number, seed }: { count: number; seed: number },
): Dataset {
  const split = purpose === 'test' ? 'test' : 'train';
  const random = mulberry32(purpose === 'val' ? seed + VALIDATION_SEED : seed);
  return { ...digits({ count: number, split, random }), name: `digits-${purpose}` };
}

/** Far from any seed a person would choose, so that no training run meets the validation scenes. */
const VALIDATION_SEED = 1_000_003;
