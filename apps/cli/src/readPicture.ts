import { SampleError } from '@roikit/datasets';
import { readImage } from '@roikit/datasets/node';
import type { RgbImage } from '@roikit/geometry';
import { warn } from './terminal/print';

/** A picture, or undefined and a warning where it can't be read, so that the others still are. */
export async function readOrWarn(path: string): Promise<RgbImage | undefined> {
  try {
    return await readImage(path);
  } catch (error) {
    if (!(error instanceof SampleError)) throw error;
    warn(error.message);
    return undefined;
  }
}
