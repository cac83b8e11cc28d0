import { SampleError } from '@roikit/datasets';
import { openDataset, type FileDataset, type OpenDatasetOptions } from '@roikit/datasets/node';

/** A part of a data set by its name. */
interface Split {
  split: string;
  dataset: FileDataset;
}

/** Parts that every format can name. 'trainval' is a union of two of them. */
const NAMES = ['train', 'val', 'test'];

export interface OpenedSplits {
  splits: Split[];
  /** Pictures that are in none of them. */
  left: string[];
}

/** The parts that a data set is made of; all of it as `train` where it has none. */
export async function openSplits(path: string, options: OpenDatasetOptions): Promise<OpenedSplits> {
  const { split } = options;
  if (split !== undefined)
    return { splits: [{ split, dataset: await openDataset(path, options) }], left: [] };
  const whole = await openDataset(path, options).catch((error: unknown) => {
    // A folder of COCO files opens only by its parts.
    if (error instanceof SampleError) return error;
    throw error;
  });
  const splits = await openNamed(path, withClasses(options, whole));
  if (splits.length > 0) return { splits, left: whole instanceof SampleError ? [] : leftOver(whole, splits) };
  if (whole instanceof SampleError) throw whole;
  return { splits: [{ split: 'train', dataset: whole }], left: [] };
}

/** Pictures of each part that the data set names; nothing where it names none. */
export async function splitSizes(path: string, options: OpenDatasetOptions): Promise<Record<string, number>> {
  if (options.split !== undefined) return {};
  const splits = await openNamed(path, options);
  return Object.fromEntries(splits.map(({ split, dataset }) => [split, dataset.length]));
}

/** One list of classes for all parts, so that labels mean the same. */
function withClasses(options: OpenDatasetOptions, whole: FileDataset | SampleError): OpenDatasetOptions {
  return { classes: whole instanceof SampleError ? undefined : anyOf(whole.classes), ...options };
}

/** Where nothing is annotated there is no class, and no list of classes to keep to. */
const anyOf = (classes: readonly string[] = []): readonly string[] | undefined =>
  classes.length > 0 ? classes : undefined;

async function openNamed(path: string, options: OpenDatasetOptions): Promise<Split[]> {
  const splits: Split[] = [];
  for (const split of NAMES) {
    const classes = options.classes ?? anyOf(splits[0]?.dataset.classes);
    try {
      splits.push({ split, dataset: await openDataset(path, { ...options, split, classes }) });
    } catch (error) {
      if (!(error instanceof SampleError)) throw error; // there is no such split
    }
  }
  return splits;
}

function leftOver(whole: FileDataset, splits: readonly Split[]): string[] {
  const files = ({ length, imageFile }: FileDataset): string[] =>
    Array.from({ length }, (_, i) => imageFile(i));
  const taken = new Set(splits.flatMap(({ dataset }) => files(dataset)));
  return files(whole).filter((file) => !taken.has(file));
}
