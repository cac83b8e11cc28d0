import { fromTorchvision, type FromTorchvisionOptions, type GeneralizedRCNN } from '@roikit/detectors';
import { UserError } from './errors';
import { readWeights } from './networkWeights';

/** A detector from a file of weights made elsewhere; UserError that names the file where they don't fit. */
export async function importDetector(
  file: string,
  { architecture, classes, normEps }: FromTorchvisionOptions,
): Promise<GeneralizedRCNN> {
  const stateDict = await readWeights(file);
  return fromTorchvision(stateDict, { architecture, classes, normEps }).catch((cause: Error) => {
    throw new UserError(`${file}: ${cause.message}`, { cause });
  });
}
