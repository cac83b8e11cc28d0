import type { GroundTruth } from '@roikit/geometry';
import type { RgbImage } from '@roikit/image';

/** One picture and its annotated objects. */
export interface Sample {
  /** Unique within its dataset: the file name without extension, or the scene number. */
  id: string;
  image: RgbImage;
  truth: GroundTruth;
}

/** Random access to annotated pictures; nothing is decoded before `get`. */
export interface Dataset {
  name: string;
  /** Class names without the background: label `i + 1` is `classes[i]`. */
  classes: readonly string[];
  length: number;
  /** The id that `get(index)` would return, without reading the picture. */
  id(index: number): string;
  /** Reads sample `index` of [0, length). Rejects with a `SampleError` where the picture can't be read. */
  get(index: number): Promise<Sample>;
  /** Path of the picture of sample `index`, where the dataset lies in files. */
  imageFile?(index: number): string;
}

/**
 * What a problem costs: a whole sample, one object of a sample that is otherwise kept, or nothing (something to know:
 * files that were not used, a choice that was made where the data allow two).
 */
export type ProblemKind = 'sample' | 'object' | 'note';

/** Something in a dataset that can't be used. A long run may catch it, count it and go on with the others. */
export class SampleError extends Error {
  override name = 'SampleError';
  /** The file at fault: picture, annotation or list. */
  readonly file: string;
  /** What is lost by it. */
  readonly kind: ProblemKind;

  /** The message reads `file: what is wrong; what to do`. */
  constructor(file: string, problem: { what: string; cure: string; kind?: ProblemKind; cause?: unknown }) {
    super(`${file}: ${problem.what}; ${problem.cure}`, { cause: problem.cause });
    this.file = file;
    this.kind = problem.kind ?? 'sample';
  }
}
