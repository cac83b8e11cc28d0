import type { RgbImage } from '@roikit/image';
import { ImageFileError } from '@roikit/image/node';
import { inFlags } from '../errors';
import { warn } from '../terminal/print';
import { readSource } from './readSource';

/** A picture (of an animated one the first frame), or undefined and a warning where it can't be read, so that the others still are. */
export async function readOrWarn(source: string): Promise<RgbImage | undefined> {
  try {
    for await (const { image } of readSource(source)) return image;
    return undefined;
  } catch (error) {
    if (!(error instanceof ImageFileError)) throw error;
    warn(inFlags(error.message));
    return undefined;
  }
}
