import { fromTorchvision, type FromTorchvisionOptions, type GeneralizedRCNN } from '@roikit/detectors';
import type { LocalFileOptions } from '../download/localFile';
import { UserError } from '../errors';
import { readWeights } from '../weights/readWeights';

/** A detector from weights made elsewhere: a file, an address or a hub name, which are fetched; UserError that names the file where they don't fit. */
export async function importDetector(
  file: string,
  { architecture, classes, normEps, signal }: FromTorchvisionOptions & Pick<LocalFileOptions, 'signal'>,
): Promise<GeneralizedRCNN> {
  const stateDict = await readWeights(file, { signal });
  return fromTorchvision(stateDict, { architecture, classes, normEps }).catch((cause: Error) => {
    throw new UserError(`${file}: ${cause.message}`, { cause });
  });
}
