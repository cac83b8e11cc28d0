import { digits, type Dataset } from '@roikit/datasets';
import { mulberry32 } from '@roikit/geometry';
import { UsageError } from '../errors';

/** `--data digits`: synthetic scenes instead of a folder. */
export const DIGITS = 'digits';

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
