import { ImageFileError } from '@roikit/image/node';
import { SampleError } from '../types';

/** What reading a picture gives; a picture that can't be read is a `SampleError`, which a long run can count and pass. */
export async function sampleOf<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (!(error instanceof ImageFileError)) throw error;
    const cure = error.exists ? `${error.cure}, or take it out of the dataset` : error.cure;
    throw new SampleError(error.file, { what: error.what, cure, cause: error });
  }
}
