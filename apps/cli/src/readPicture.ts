import type { RgbImage } from '@roikit/image';
import { ImageFileError, readImage } from '@roikit/image/node';
import { warn } from './terminal/print';

/** A picture, or undefined and a warning where it can't be read, so that the others still are. */
export async function readOrWarn(path: string): Promise<RgbImage | undefined> {
  try {
    return await readImage(path);
  } catch (error) {
    if (!(error instanceof ImageFileError)) throw error;
    warn(error.message);
    return undefined;
  }
}
